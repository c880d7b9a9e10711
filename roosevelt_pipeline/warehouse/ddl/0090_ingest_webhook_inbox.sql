-- One row per webhook delivery that names something to read again. Holds ids and times: no name, no text, no payload.

set local role roosevelt_owner;

create table ingest.webhook_inbox (
    id bigint generated always as identity primary key,
    delivery_id text not null unique check (length(delivery_id) <= 64),
    event text not null check (length(event) <= 64),
    action text check (length(action) <= 64),
    kind text not null check (
        kind in ('pull_request', 'issue', 'deployment', 'release', 'workflow_run', 'commits', 'repository', 'teams')
    ),
    repository_id bigint,  -- missing for what belongs to the organisation
    repository_node_id text check (length(repository_node_id) <= 128),
    object_id bigint,
    object_node_id text check (length(object_node_id) <= 128),
    occurred_at timestamptz,
    received_at timestamptz not null default now(),
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    done_at timestamptz,
    outcome text check (outcome in ('landed', 'gone', 'unwanted', 'given_up')),
    reason text,  -- why the last attempt failed, in words that name no person
    run_id uuid,
    check ((done_at is null) = (outcome is null))
);
create index webhook_inbox_waiting on ingest.webhook_inbox (due_at) where done_at is null;
create index webhook_inbox_done on ingest.webhook_inbox (done_at) where done_at is not null;

grant select, insert, update, delete on ingest.webhook_inbox to roosevelt_ingest;

-- The receiver stands at a door to the internet: it may drop something in, and neither read nor change anything.
grant usage on schema ingest to roosevelt_receiver;
grant insert (
    delivery_id, event, action, kind, repository_id, repository_node_id, object_id, object_node_id, occurred_at
) on ingest.webhook_inbox to roosevelt_receiver;
