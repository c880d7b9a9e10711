-- One row per PagerDuty incident, as it stands at the end of the as-of day.
with

incidents as (

    select * from {{ ref('stg_pagerduty__incidents') }}

),

entries as (

    select * from {{ ref('stg_pagerduty__log_entries') }}

),

words as (

    select * from {{ ref('stg_policy__words') }}
    where system = 'pagerduty'

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
        incidents.*,
        policy.as_of_at
    from incidents
    cross join policy
    where incidents.created_at < policy.as_of_at

),

steps as (

    select
        entries.incident_id,
        entries.entry_type,
        entries.happened_at,
        lag(entries.entry_type) over incident_entries as previous_type,
        lead(entries.entry_type) over incident_entries is null as is_last
    from entries
    cross join policy
    where
        entries.happened_at < policy.as_of_at
        and entries.entry_type in ('trigger', 'acknowledge', 'unacknowledge', 'resolve', 'reopen')
    window incident_entries as (
        partition by entries.incident_id
        order by entries.happened_at, entries.entry_position
    )

),

-- Whatever happens to an incident after it was resolved opens it again.
summed as (

    select
        steps.incident_id,
        min(steps.happened_at) filter (where steps.entry_type = 'acknowledge') as acknowledged_at,
        max(steps.happened_at) filter (where steps.is_last and steps.entry_type = 'resolve') as resolved_at,
        count(*) filter (where steps.previous_type = 'resolve' and steps.entry_type <> 'resolve')::int
            as reopened_count,
        bool_or(steps.entry_type = 'resolve') as has_resolution
    from steps
    group by steps.incident_id

),

-- A declared meaning of the priority, else a label of the policy that is called like it, else a meaning of the urgency.
graded as (

    select distinct on (known.incident_id)
        known.incident_id,
        grades.severity
    from known
    cross join
        lateral (
            select
                words.meaning as severity,
                case when lower(words.word) = lower(known.priority) then 1 else 3 end as grade_position
            from words
            where
                words.kind = 'severity'
                and lower(words.word) in (lower(known.priority), lower(known.urgency))
            union all
            select
                severities.severity,
                2 as grade_position
            from severities
            where lower(known.priority) in (lower(severities.label), lower(severities.severity))
        ) as grades
    order by known.incident_id asc, grades.grade_position asc, grades.severity asc

),

-- A declared meaning of PagerDuty's service, by id before name, else our service of the same name.
placed as (

    select distinct on (known.incident_id)
        known.incident_id,
        services.service,
        services.repository_id
    from known
    left join words
        on
            words.kind = 'service'
            and lower(words.word) in (lower(known.pagerduty_service_id), lower(known.pagerduty_service))
    inner join services
        on lower(coalesce(words.meaning, known.pagerduty_service)) = lower(services.service)
    order by
        known.incident_id asc,
        words.word is not null desc,
        lower(words.word) = lower(known.pagerduty_service_id) desc nulls last,
        services.service asc

)

-- Without log entries (they are kept for a time only) PagerDuty's own word on the end holds.
select
    'pagerduty:' || known.incident_id as incident_id,
    'pagerduty' as source,
    placed.repository_id,
    known.url,
    known.title,
    placed.service,
    known.pagerduty_service as told_service,
    graded.severity,
    known.created_at as opened_at,
    summed.acknowledged_at,
    case
        when summed.has_resolution then summed.resolved_at
        when known.status = 'resolved' and known.resolved_at < known.as_of_at then known.resolved_at
    end as resolved_at,
    coalesce(summed.reopened_count, 0) as reopened_count,
    known.merged_into is not null
    and case
        when summed.has_resolution then summed.resolved_at is not null
        else coalesce(known.resolved_at < known.as_of_at, false)
    end as is_excluded
from known
left join summed
    on known.incident_id = summed.incident_id
left join graded
    on known.incident_id = graded.incident_id
left join placed
    on known.incident_id = placed.incident_id
