-- One row per pseudonymous account: what kind it is, whether a machine, and by which rule.

set local role roosevelt_owner;

create table raw.github_accounts (
    user_id uuid primary key,
    account_type text not null check (account_type in ('User', 'Bot', 'Email')),
    is_bot boolean not null,
    bot_reason text,
    observed_at timestamptz not null
);
