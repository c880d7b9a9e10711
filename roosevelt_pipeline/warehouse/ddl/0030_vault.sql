-- Who stands behind a pseudonym, as keyed hashes only. The key is not in the database.
-- One row of vault.identities per account or address seen; one of vault.persons per surrogate.

set local role roosevelt_owner;

create table vault.persons (
    user_id uuid primary key default gen_random_uuid(),
    merged_into uuid references vault.persons check (merged_into <> user_id),
    created_at timestamptz not null default now()
);

create table vault.identities (
    identity_hmac bytea primary key check (octet_length(identity_hmac) = 32),
    user_id uuid not null references vault.persons,
    provider text not null,
    created_at timestamptz not null default now()
);
create index on vault.identities (user_id);

-- An erased identity: its hash alone stays, so that reading the source again brings nobody back.
create table vault.tombstones (
    identity_hmac bytea primary key check (octet_length(identity_hmac) = 32),
    erased_at timestamptz not null default now(),
    reason text
);

-- Proof, without the key, that the key in use is the one that the hashes were made with.
create table vault.key_checks (
    generation int primary key,
    fingerprint bytea not null,
    created_at timestamptz not null default now()
);

-- The surrogates as transform may see them: which of them are one person.
create view raw.people as
with recursive climb as (
    select user_id, user_id as reached, merged_into from vault.persons
    union all
    select climb.user_id, parent.user_id, parent.merged_into
    from climb inner join vault.persons as parent on climb.merged_into = parent.user_id
)
select user_id, reached as canonical_user_id from climb where merged_into is null;

revoke insert, update on raw.people from roosevelt_ingest;
