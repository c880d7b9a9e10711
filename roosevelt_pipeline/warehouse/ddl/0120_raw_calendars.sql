-- What calendars of participants hold, and what reading each of them came to.

set local role roosevelt_owner;

-- Of the shape of a stream (see stream.sql.template). The scope is the pseudonym of the calendar's owner, the key a
-- keyed digest: addresses and ids of events, which may hold addresses, do not enter. Times and kinds; no words.
create table raw.calendar_events (
    natural_key text primary key,
    scope text not null,
    payload jsonb not null,
    content_sha bytea not null,
    source_updated_at timestamptz,
    first_seen_at timestamptz not null,
    observed_at timestamptz not null,
    deleted boolean not null default false,
    run_id uuid not null,
    version_id bigint not null unique default nextval('raw.version_ids')
);
-- Instants in the payload are ISO 8601 in UTC, which sort as text: so one person's week is found among years.
create index on raw.calendar_events (scope, (payload ->> 'end'), (payload ->> 'start'));

create table raw.calendar_events_versions (
    natural_key text not null,
    scope text not null,
    payload jsonb not null,
    content_sha bytea not null,
    source_updated_at timestamptz,
    first_seen_at timestamptz not null,
    observed_at timestamptz not null,
    deleted boolean not null,
    run_id uuid not null,
    version_id bigint primary key,
    replaced_at timestamptz not null
);
create index on raw.calendar_events_versions (natural_key, version_id);
create index on raw.calendar_events_versions (scope);

create table raw.calendar_collections (
    run_id uuid not null,
    user_id uuid not null,
    lane text not null check (lane in ('full', 'incremental', 'week')),
    started_at timestamptz not null,
    ended_at timestamptz not null,
    outcome text not null check (outcome in ('complete', 'failed')),
    known_from timestamptz,
    known_until timestamptz,
    requests int not null,
    rows_seen int not null,
    versions_added int not null,
    gone int not null,
    rejects int not null,
    error text,
    primary key (run_id, user_id, started_at),
    check ((outcome = 'complete') = (known_from is not null and known_until is not null)),
    check ((outcome = 'failed') = (error is not null))
);
create index on raw.calendar_collections (user_id);

comment on table raw.calendar_collections is
'One row per run and person whose calendars were read, all of them or none.';
comment on column raw.calendar_collections.known_from is
'From here on, up to known_until, everything that the calendars hold has landed. Beyond that nothing is known.';

grant delete on raw.calendar_events, raw.calendar_events_versions, raw.calendar_collections to roosevelt_ingest;
