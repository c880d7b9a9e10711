-- One row per metric, scope and event that the metric is made of there: what a number opens up to.
with

deployments as (

    select * from {{ ref('fct_deployments') }}

),

attempts as (

    select * from {{ ref('fct_deployment_attempts') }}

),

changes as (

    select * from {{ ref('fct_changes') }}

),

pull_requests as (

    select * from {{ ref('fct_pull_requests') }}

),

incidents as (

    select * from {{ ref('fct_incidents') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- An event counts on the day of its end: of a change, when it is deployed; of a failure, when it has recovered.
deployment_items as (

    select
        measures.metric,
        'deployment' as item_type,
        deployments.deployment_id as item_id,
        deployments.service,
        deployments.team,
        deployments.repository,
        measures.happened_at,
        measures.value,
        measures.is_hit
    from deployments
    cross join lateral (
        values
        ('deployment_frequency_per_day', deployments.deployed_at, null::double precision, null::boolean),
        ('change_failure_rate_pct', deployments.deployed_at, null, deployments.is_failed),
        (
            'change_failure_rate_excluding_time_pct',
            deployments.deployed_at,
            null,
            deployments.is_failed and deployments.failure_method <> 'time'
        ),
        ('deployment_rework_rate_pct', deployments.deployed_at, null, deployments.is_unplanned),
        (
            'failed_deployment_recovery_time_hours',
            case when deployments.recovery_time_hours is not null then deployments.recovered_at end,
            deployments.recovery_time_hours,
            null
        )
    ) as measures (metric, happened_at, value, is_hit)

),

attempt_items as (

    select
        'deployment_attempt_failure_rate_pct' as metric,
        'attempt' as item_type,
        attempts.attempt_id as item_id,
        attempts.service,
        attempts.team,
        attempts.repository,
        attempts.ended_at as happened_at,
        null::double precision as value,
        attempts.outcome = 'failure' as is_hit
    from attempts
    where attempts.outcome in ('success', 'failure')

),

change_items as (

    select
        measures.metric,
        'change' as item_type,
        changes.service || '/' || changes.change_id as item_id,
        changes.service,
        changes.team,
        changes.repository,
        changes.deployed_at as happened_at,
        measures.value,
        null::boolean as is_hit
    from changes
    cross join
        lateral (
            values
            ('change_lead_time_hours', changes.lead_time_hours),
            ('coding_time_hours', changes.coding_time_hours),
            ('pickup_time_hours', changes.pickup_time_hours),
            ('review_time_hours', changes.review_time_hours),
            ('delivery_time_hours', changes.delivery_time_hours)
        ) as measures (metric, value)
    where
        not changes.is_bot
        and not changes.is_first_deployment
        and measures.value is not null

    union all

    select
        case when changes.is_bot then 'bot_changes_deployed' else 'changes_deployed' end as metric,
        'change' as item_type,
        changes.service || '/' || changes.change_id as item_id,
        changes.service,
        changes.team,
        changes.repository,
        changes.deployed_at as happened_at,
        null as value,
        null as is_hit
    from changes
    where not changes.is_first_deployment

),

-- Of a pull request that touches two services of a team, the team has one.
pull_request_items as (

    select
        'pull_request_cycle_time_hours' as metric,
        'pull_request' as item_type,
        pull_requests.change_id as item_id,
        changes.service,
        changes.team,
        pull_requests.repository,
        pull_requests.merged_at as happened_at,
        pull_requests.cycle_time_hours as value,
        null::boolean as is_hit
    from pull_requests
    left join changes
        on pull_requests.change_id = changes.change_id
    where
        not pull_requests.is_bot
        and pull_requests.cycle_time_hours is not null

),

incident_items as (

    select
        measures.metric,
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        incidents.team,
        incidents.repository,
        measures.happened_at,
        measures.value,
        null::boolean as is_hit
    from incidents
    cross join
        lateral (
            values
            ('incidents_opened', incidents.opened_at, null::double precision),
            (
                'mttr_hours',
                case when incidents.time_to_resolve_hours is not null then incidents.resolved_at end,
                incidents.time_to_resolve_hours
            )
        ) as measures (metric, happened_at, value)
    where not incidents.is_excluded

),

items as (

    select * from deployment_items
    union all
    select * from attempt_items
    union all
    select * from change_items
    union all
    select * from incident_items

),

scoped as (

    select
        items.metric,
        memberships.scope_type,
        memberships.scope,
        items.item_type,
        items.item_id,
        items.happened_at,
        items.value,
        items.is_hit
    from items
    cross join policy
    cross join
        lateral (
            values
            ('service', items.service),
            ('team', items.team),
            ('repository', items.repository),
            ('organization', policy.organization)
        ) as memberships (scope_type, scope)
    where
        items.happened_at is not null
        and memberships.scope is not null

    union all

    select distinct
        items.metric,
        memberships.scope_type,
        memberships.scope,
        items.item_type,
        items.item_id,
        items.happened_at,
        items.value,
        items.is_hit
    from pull_request_items as items
    cross join policy
    cross join
        lateral (
            values
            ('service', items.service),
            ('team', items.team),
            ('repository', items.repository),
            ('organization', policy.organization)
        ) as memberships (scope_type, scope)
    where memberships.scope is not null

),

dated as (

    select
        scoped.*,
        {{ local_date('scoped.happened_at', 'scopes.time_zone') }} as metric_date
    from scoped
    inner join scopes
        on
            scoped.scope_type = scopes.scope_type
            and scoped.scope = scopes.scope

),

-- A day is active once, however often something was deployed on it.
active_days as (

    select
        'deployment_active_days_pct' as metric,
        dated.scope_type,
        dated.scope,
        'day' as item_type,
        dated.metric_date::text as item_id,
        min(dated.happened_at) as happened_at,
        null::double precision as value,
        null::boolean as is_hit,
        dated.metric_date
    from dated
    where dated.metric = 'deployment_frequency_per_day'
    group by dated.scope_type, dated.scope, dated.metric_date

)

select
    metric,
    scope_type,
    scope,
    metric_date,
    item_type,
    item_id,
    happened_at,
    value,
    is_hit
from dated
union all
select
    metric,
    scope_type,
    scope,
    metric_date,
    item_type,
    item_id,
    happened_at,
    value,
    is_hit
from active_days
