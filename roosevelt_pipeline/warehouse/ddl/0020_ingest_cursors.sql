-- One row per place where reading stopped: source, stream, scope (a repository's id, or 'org') and lane.
-- Written only in the transaction that lands the page which it follows.

set local role roosevelt_owner;

create table ingest.cursors (
    source text not null,
    stream text not null,
    scope text not null,
    lane text not null check (lane in ('backfill', 'incremental', 'refresh', 'sweep')),
    position jsonb not null,
    watermark timestamptz,
    complete boolean not null default false,
    run_id uuid not null,
    updated_at timestamptz not null default now(),
    primary key (source, stream, scope, lane)
);

grant select, insert, update, delete on ingest.cursors to roosevelt_ingest;
