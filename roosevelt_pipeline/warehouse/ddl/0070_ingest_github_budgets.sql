-- What GitHub still allows, shared by all processes: one row per account and resource.
-- account is a short hash of a token or of an App's installation; no token stands here. Times are this server's:
-- a reset is now plus the difference of two of GitHub's own stamps, so that nobody's clock matters.

set local role roosevelt_owner;

create table ingest.github_budgets (
    account text not null,
    resource text not null check (resource in ('core', 'graphql')),
    label text not null,
    host text not null,
    remaining int,
    quota int,
    resets_at timestamptz,
    held_until timestamptz,
    held_for text,
    strikes int not null default 0,
    next_at timestamptz not null default '-infinity',
    predicted_points bigint not null default 0,
    billed_points bigint not null default 0,
    mispriced_queries bigint not null default 0,
    told_at timestamptz,
    primary key (account, resource)
) with (fillfactor = 50);

-- Requests under way. A row is its process's until it is settled, the lease ends, or the process's session is gone.
-- Unlogged: after a crash of the server nothing is under way.
create unlogged table ingest.github_requests (
    ticket bigint generated always as identity primary key,
    account text not null,
    resource text not null,
    points int not null,
    session int not null,
    started_at timestamptz not null,
    expires_at timestamptz not null
);

-- Who waits for what until when.
create unlogged table ingest.github_waits (
    wait bigint generated always as identity primary key,
    session int not null,
    holder text not null,
    label text not null,
    subject text not null,
    reason text not null,
    since timestamptz not null,
    until timestamptz not null
);

grant select, insert, update, delete on ingest.github_budgets, ingest.github_requests, ingest.github_waits
to roosevelt_ingest;
