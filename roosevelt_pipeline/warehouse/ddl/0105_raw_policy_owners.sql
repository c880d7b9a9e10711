-- Who owns a service since when: what roosevelt.toml declares, and what it was seen to say.

set local role roosevelt_owner;

create table raw.policy_owners (
    position int primary key,
    service text not null,
    team text not null,
    since date,
    unique nulls not distinct (service, since)
);

-- Not replaced by the next run: a row for each change of a service's team, on the as-of day that first knew of it.
create table raw.policy_owner_history (
    service text not null,
    since date not null,
    team text,
    timezone text,
    run_id uuid not null,
    primary key (service, since)
);

grant delete on raw.policy_owners to roosevelt_ingest;
