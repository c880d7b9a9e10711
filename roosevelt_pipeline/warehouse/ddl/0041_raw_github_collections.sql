-- One row per run, repository and stream: what reading it cost, what it brought, how it ended.

set local role roosevelt_owner;

create table raw.github_collections (
    run_id uuid not null,
    repository text not null,  -- name with owner; 'org' for the streams of the organisation
    repository_id bigint,
    stream text not null,
    lane text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    outcome text not null check (outcome in ('complete', 'failed')),
    requests int not null,
    points int not null,
    bytes bigint not null,
    rows_seen int not null,
    versions_added int not null,
    rejects int not null,
    seconds_waited numeric not null,
    remote_count int,
    error text,
    primary key (run_id, repository, stream)
);
