-- The door for deployments that other systems post. One row per event that was posted and has not landed yet: the
-- next run takes it out, in the transaction that lands it in raw.deployment_events.
-- Constraints are named after what the poster must do, because their names are all that a poster is told.

set local role roosevelt_owner;

create table ingest.deployment_events (
    event_number bigint generated always as identity primary key,
    received_at timestamptz not null default now(),
    service text,
    repository text,
    environment text not null,
    id text,
    attempt int not null default 1,
    sha text,
    status text not null,
    started_at timestamptz,
    finished_at timestamptz,
    url text,
    document jsonb,
    constraint "name a service or a repository"
    check (coalesce(service, repository) is not null),
    constraint "service, repository, environment, id: 1 to 200 characters"
    check (
        length(service) between 1 and 200 and length(repository) between 1 and 200
        and length(environment) between 1 and 200 and length(id) between 1 and 200
    ),
    constraint "attempt is a number from 1 on" check (attempt >= 1),
    constraint "sha is 7 to 64 hexadecimal digits in lower case" check (sha ~ '^[0-9a-f]{7,64}$'),
    constraint "status is success, failure, cancelled or in_progress"
    check (status in ('success', 'failure', 'cancelled', 'in_progress')),
    constraint "in_progress needs started_at, any other status finished_at"
    check (case status when 'in_progress' then started_at else finished_at end is not null),
    constraint "finished_at is not before started_at" check (finished_at >= started_at),
    constraint "times lie between 1990 and one day from now"
    check (
        coalesce(started_at, finished_at) >= '1990-01-01 00:00Z'
        and greatest(started_at, finished_at) <= received_at + interval '1 day'
    ),
    constraint "url begins with https:// or http://" check (url ~ '^https?://' and length(url) <= 2000)
);

comment on table ingest.deployment_events is
'The door for deployments that other systems post: one row per event that has not landed yet. See docs/imports.md.';
comment on column ingest.deployment_events.event_number is 'Order of arrival. Set by the database.';
comment on column ingest.deployment_events.received_at is 'When it was posted. Set by the database.';
comment on column ingest.deployment_events.service is 'Service that was deployed, by its name in roosevelt.toml.';
comment on column ingest.deployment_events.repository is 'Its repository, with or without owner, where no service is named.';
comment on column ingest.deployment_events.environment is 'Environment it went to. Which are production is policy.';
comment on column ingest.deployment_events.id is 'Id of the deployment at its system. Events with one id are one deployment.';
comment on column ingest.deployment_events.attempt is 'Number of the try, where one id is tried again.';
comment on column ingest.deployment_events.sha is 'Commit that was deployed.';
comment on column ingest.deployment_events.status is 'success, failure, cancelled or in_progress.';
comment on column ingest.deployment_events.started_at is 'When it began.';
comment on column ingest.deployment_events.finished_at is 'When it ended.';
comment on column ingest.deployment_events.url is 'Where to read about it. Query and credentials are dropped.';
comment on column ingest.deployment_events.document is
'The other columns as one JSON object, instead of them: for JSON lines. Emptied on arrival.';

-- Spreads a document over the columns, so that the same constraints judge it. What it holds besides is dropped.
create function ingest.spread_deployment_document() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    moment text;
    given text;
begin
    if jsonb_typeof(new.document) is distinct from 'object' then
        raise exception 'document is no JSON object' using errcode = 'check_violation';
    end if;
    foreach moment in array array['started_at', 'finished_at'] loop
        given := new.document ->> moment;
        if given !~ '(Z|z|[+-]\d\d(:?\d\d)?)$' then
            raise exception '% has no zone; write 2026-03-02T12:00:00Z', moment using errcode = 'check_violation';
        end if;
    end loop;
    new.service := new.document ->> 'service';
    new.repository := new.document ->> 'repository';
    new.environment := new.document ->> 'environment';
    new.id := new.document ->> 'id';
    new.attempt := coalesce((new.document ->> 'attempt')::int, 1);
    new.sha := lower(new.document ->> 'sha');
    new.status := new.document ->> 'status';
    new.started_at := (new.document ->> 'started_at')::timestamptz;
    new.finished_at := (new.document ->> 'finished_at')::timestamptz;
    new.url := new.document ->> 'url';
    new.document := null;
    return new;
end
$$;

create trigger spread_document
before insert on ingest.deployment_events
for each row when (new.document is not null)
execute function ingest.spread_deployment_document();

grant usage on schema ingest to roosevelt_events;
grant insert (
    service, repository, environment, id, attempt, sha, status, started_at, finished_at, url, document
) on ingest.deployment_events to roosevelt_events;
grant select, delete on ingest.deployment_events to roosevelt_ingest;
