-- One row per try to deploy that another system told, and where it belongs, or why it belongs nowhere.
with

events as (

    select * from {{ ref('stg_imports__deployment_events') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

known as (

    select
        events.*,
        lower(coalesce(events.service, events.repository)) || '/' || events.source_id as attempt_source_id,
        events.status <> 'in_progress' and events.finished_at < policy.as_of_at as is_end
    from events
    cross join policy
    where coalesce(events.started_at, events.finished_at) < policy.as_of_at

),

-- What was told when it started and what was told at its end are one try; the end knows better.
tries as (

    select
        known.environment,
        known.attempt_source_id,
        known.attempt,
        max(known.service) as told_service,
        max(known.repository) as told_repository,
        coalesce(max(known.sha) filter (where known.is_end), max(known.sha)) as sha,
        min(coalesce(known.started_at, known.finished_at)) as started_at,
        max(known.finished_at) filter (where known.is_end) as ended_at,
        coalesce(max(known.status) filter (where known.is_end), 'in_progress') as outcome
    from known
    group by known.environment, known.attempt_source_id, known.attempt

),

-- A service by its name; else the repository, which says the service if it has only one.
placed as (

    select distinct on (tries.environment, tries.attempt_source_id, tries.attempt)
        tries.*,
        coalesce(named.service, only_services.service) as service,
        coalesce(named.repository_id, repositories.repository_id) as repository_id,
        tries.told_service is not null
        and named.service is null
        and only_services.service is null as is_service_unknown
    from tries
    left join services as named
        on lower(tries.told_service) = lower(named.service)
    left join repositories
        on lower(tries.told_repository) in (lower(repositories.repository), lower(repositories.name_with_owner))
    left join services as only_services
        on
            repositories.repository_id = only_services.repository_id
            and only_services.repository_services_count = 1
    order by
        tries.environment asc,
        tries.attempt_source_id asc,
        tries.attempt asc,
        tries.told_service = named.service desc nulls last,
        tries.told_repository in (repositories.repository, repositories.name_with_owner) desc nulls last,
        repositories.repository_id asc

),

-- An abbreviation stands for a commit where only one of the repository begins with it.
abbreviated as (

    select
        placed.environment,
        placed.attempt_source_id,
        placed.attempt,
        min(commits.oid) as oid
    from placed
    inner join commits
        on
            placed.repository_id = commits.repository_id
            and left(placed.sha, 7) = left(commits.oid, 7)
            and starts_with(commits.oid, placed.sha)
    where length(placed.sha) < 40
    group by placed.environment, placed.attempt_source_id, placed.attempt
    having count(*) = 1

)

select
    placed.repository_id,
    placed.environment,
    'event' as source,
    placed.attempt_source_id as source_id,
    placed.attempt,
    coalesce(abbreviated.oid, placed.sha) as sha,
    placed.started_at,
    placed.ended_at,
    placed.outcome,
    placed.service,
    placed.told_service,
    placed.told_repository,
    case
        when placed.is_service_unknown then 'unknown_service'
        when placed.repository_id is null then 'unknown_repository'
        when not 'event' = any(repositories.sources) then 'events_not_in_rule'
    end as unplaced_reason
from placed
left join repositories
    on placed.repository_id = repositories.repository_id
left join abbreviated
    on
        placed.environment = abbreviated.environment
        and placed.attempt_source_id = abbreviated.attempt_source_id
        and placed.attempt = abbreviated.attempt
