-- One row per issue that is an incident, as it stands at the end of the as-of day.
with

issues as (

    select * from {{ ref('stg_github__issues') }}

),

events as (

    select * from {{ ref('stg_github__issue_events') }}

),

severities as (

    select * from {{ ref('stg_policy__severities') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

known as (

    select
        issues.*,
        policy.as_of_at,
        policy.external_labels
    from issues
    cross join policy
    where
        issues.created_at < policy.as_of_at
        and exists (
            select 1
            from unnest(issues.labels) as carried (label)
            cross join unnest(policy.incident_labels) as wanted (label)
            where lower(carried.label) = lower(wanted.label)
        )

),

-- Opened again, an incident lasts until it is closed for the last time.
last_events as (

    select distinct on (events.issue_id)
        events.issue_id,
        events.event_type,
        events.happened_at
    from events
    cross join policy
    where
        events.event_type in ('closed', 'reopened')
        and events.happened_at < policy.as_of_at
    order by events.issue_id asc, events.happened_at desc, events.event_position desc

),

reopenings as (

    select
        events.issue_id,
        count(*) as reopened_count
    from events
    cross join policy
    where
        events.event_type = 'reopened'
        and events.happened_at < policy.as_of_at
    group by events.issue_id

),

closed as (

    select
        known.issue_id,
        case
            when last_events.event_type = 'closed' then last_events.happened_at
            when last_events.event_type is null and known.closed_at < known.as_of_at then known.closed_at
        end as resolved_at
    from known
    left join last_events
        on known.issue_id = last_events.issue_id

),

worst_labels as (

    select distinct on (known.issue_id)
        known.issue_id,
        severities.severity
    from known
    cross join unnest(known.labels) as carried (label)
    inner join severities
        on lower(carried.label) = lower(severities.label)
    order by known.issue_id, severities.severity_position

),

labelled_services as (

    select distinct on (known.issue_id)
        known.issue_id,
        services.service
    from known
    cross join unnest(known.labels) as carried (label)
    inner join services
        on lower(carried.label) = 'service:' || lower(services.service)
    order by known.issue_id, services.service

),

only_services as (

    select
        services.repository_id,
        services.service
    from services
    where services.repository_services_count = 1

)

select
    'github:' || known.issue_id as incident_id,
    known.repository_id,
    known.issue_number,
    known.url,
    known.title,
    coalesce(labelled_services.service, only_services.service) as service,
    worst_labels.severity,
    known.created_at as opened_at,
    closed.resolved_at,
    coalesce(reopenings.reopened_count, 0)::int as reopened_count,
    closed.resolved_at is not null
    and coalesce(known.state_reason in ('DUPLICATE', 'NOT_PLANNED'), false) as is_excluded,
    exists(
        select 1
        from unnest(known.labels) as carried (label)
        cross join unnest(known.external_labels) as wanted (label)
        where lower(carried.label) = lower(wanted.label)
    ) as is_external,
    coalesce(known.named_deployment_ids, '{}') as named_deployment_ids,
    coalesce(known.named_oids, '{}') as named_oids,
    coalesce(known.named_pull_request_numbers, '{}') as named_pull_request_numbers
from known
inner join closed
    on known.issue_id = closed.issue_id
left join worst_labels
    on known.issue_id = worst_labels.issue_id
left join labelled_services
    on known.issue_id = labelled_services.issue_id
left join only_services
    on known.repository_id = only_services.repository_id
left join reopenings
    on known.issue_id = reopenings.issue_id
