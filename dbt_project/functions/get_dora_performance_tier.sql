-- One row per metric: its value over the last days that have ended, and the tier that the edition in force gives it.
-- A repository may be named with its owner or without.
with

policy as (

    select
        parameters.*,
        (parameters.last_date + 1)::timestamp at time zone parameters.time_zone as window_end,
        (parameters.last_date + 1 - greatest(coalesce(p_days, 7), 1))::timestamp
            at time zone parameters.time_zone as window_start
    from {{ ref('bi__parameters') }} as parameters

),

-- GitHub's names differ in more than case.
wanted as (

    select
        repositories.repository,
        repositories.observed_since
    from {{ ref('bi__repositories') }} as repositories
    where
        p_repository is null
        or lower(p_repository) in (lower(repositories.repository), lower(repositories.name_with_owner))

),

observed as (

    select policy.last_date + 1 - (min(wanted.observed_since) at time zone policy.time_zone)::date as days
    from wanted
    cross join policy
    group by policy.last_date, policy.time_zone

),

scope as (

    select
        policy.*,
        case when p_repository is not null then (select min(wanted.repository) from wanted) end as repository,
        coalesce((select greatest(observed.days, 0) from observed), 0) as observed_days
    from policy

),

deployments as (

    select
        count(*) as n,
        count(*) filter (where deployments.is_failed) as failed
    from {{ ref('bi__deployments') }} as deployments
    cross join scope
    where
        deployments.deployed_at >= scope.window_start
        and deployments.deployed_at < scope.window_end
        and (p_repository is null or deployments.repository = scope.repository)

),

-- The median of everybody's quarter is known: a hundred thousand changes need not be sorted for it again.
rolled as (

    select
        rolling.n,
        rolling.value as median
    from {{ ref('bi__metric_rolling') }} as rolling
    inner join scope
        on
            rolling.scope = scope.organization
            and rolling.metric_date = scope.last_date
    where
        p_repository is null
        and rolling.scope_type = 'organization'
        and rolling.metric = 'change_lead_time_hours'
        and rolling.window_days = coalesce(p_days, 7)

),

lead_times as (

    select
        rolled.n,
        rolled.median
    from rolled
    union all
    select
        count(*) as n,
        percentile_cont(0.5) within group (order by changes.lead_time_hours) as median
    from {{ ref('bi__changes') }} as changes
    cross join scope
    where
        changes.deployed_at >= scope.window_start
        and changes.deployed_at < scope.window_end
        and changes.lead_time_hours is not null
        and not changes.is_bot
        and (p_repository is null or changes.repository = scope.repository)
        and not exists (select 1 from rolled)
    having not exists (select 1 from rolled)

),

recoveries as (

    select
        count(*) as n,
        percentile_cont(0.5) within group (order by incidents.mttr_hours) as median
    from {{ ref('bi__incidents') }} as incidents
    cross join scope
    where
        incidents.closed_at_github >= scope.window_start
        and incidents.closed_at_github < scope.window_end
        and incidents.mttr_hours is not null
        and (p_repository is null or incidents.repository = scope.repository)

),

measured (row_position, metric, band_metric, unit, value, n, status) as (

    select
        1,
        'Deployment Frequency',
        'deployment_frequency_per_day',
        'deployments per day',
        deployments.n / nullif(least(greatest(coalesce(p_days, 7), 1), scope.observed_days), 0)::numeric,
        deployments.n,
        case
            when scope.observed_days = 0 then 'no_data'
            when scope.observed_days < scope.minimum_observed_days then 'insufficient_data'
            else 'ok'
        end
    from deployments
    cross join scope

    union all

    select
        2,
        'Lead Time',
        'change_lead_time_hours',
        'hours',
        lead_times.median::numeric,
        lead_times.n,
        case
            when scope.observed_days = 0 then 'no_data'
            when scope.observed_days < scope.minimum_observed_days then 'insufficient_data'
            when lead_times.n = 0 then 'no_data'
            else 'ok'
        end
    from lead_times
    cross join scope

    union all

    select
        3,
        'Change Failure Rate',
        'change_failure_rate_pct',
        'percent',
        100.0 * deployments.failed / nullif(deployments.n, 0),
        deployments.n,
        case
            when scope.observed_days = 0 then 'no_data'
            when scope.observed_days < scope.minimum_observed_days then 'insufficient_data'
            when deployments.n = 0 then 'no_data'
            when deployments.n < scope.minimum_deployments then 'insufficient_data'
            else 'ok'
        end
    from deployments
    cross join scope

    union all

    select
        4,
        'MTTR',
        'failed_deployment_recovery_time_hours',
        'hours',
        recoveries.median::numeric,
        recoveries.n,
        case
            when scope.observed_days = 0 then 'no_data'
            when scope.observed_days < scope.minimum_observed_days then 'insufficient_data'
            when recoveries.n = 0 then 'no_data'
            else 'ok'
        end
    from recoveries
    cross join scope

)

select
    measured.metric,
    round(measured.value, 4) as value,
    case when measured.status = 'ok' then bands.tier else 'Insufficient data' end as tier,
    best.target,
    measured.unit,
    measured.n,
    measured.status,
    scope.tier_edition as edition
from measured
cross join scope
left join {{ ref('bi__tier_editions') }} as best
    on
        measured.band_metric = best.metric
        and scope.tier_edition = best.edition
        and best.tier_rank = 1
left join {{ ref('bi__tier_editions') }} as bands
    on
        measured.band_metric = bands.metric
        and scope.tier_edition = bands.edition
        and (
            measured.value > bands.lower_bound
            or (bands.is_lower_inclusive and measured.value = bands.lower_bound)
        )
        and (
            bands.upper_bound is null
            or measured.value < bands.upper_bound
            or (bands.is_upper_inclusive and measured.value = bands.upper_bound)
        )
order by measured.row_position
