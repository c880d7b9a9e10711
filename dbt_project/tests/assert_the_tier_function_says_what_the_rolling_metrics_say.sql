-- A row for each metric of which the function and the table of rolling windows tell two different things: of all, and
-- of some repositories, of which the function reads the changes themselves.
with

scopes as (

    select
        'organization' as scope_type,
        parameters.organization as scope,
        null::text as repository
    from {{ ref('bi__parameters') }} as parameters
    union all
    (
        select
            'repository' as scope_type,
            repositories.repository as scope,
            repositories.repository
        from {{ ref('bi__repositories') }} as repositories
        order by repositories.repository
        limit 5
    )

),

rolling as (

    select rolling.*
    from {{ ref('fct_metric_rolling') }} as rolling
    inner join {{ ref('bi__parameters') }} as parameters
        on rolling.metric_date = parameters.last_date

),

told as (

    select
        scopes.scope_type,
        scopes.scope,
        windows.window_days,
        case told.metric
            when 'Deployment Frequency' then 'deployment_frequency_per_day'
            when 'Lead Time' then 'change_lead_time_hours'
            when 'Change Failure Rate' then 'change_failure_rate_pct'
            when 'MTTR' then 'mttr_hours'
        end as metric,
        told.value,
        told.n,
        told.status
    from scopes
    cross join (values (7), (28), (90)) as windows (window_days)
    cross join
        lateral {{ function('get_dora_performance_tier') }}(scopes.repository, windows.window_days) as told

)

select
    told.*,
    rolling.value as rolling_value,
    rolling.n as rolling_n,
    rolling.status as rolling_status
from told
inner join rolling
    on
        told.scope_type = rolling.scope_type
        and told.scope = rolling.scope
        and told.metric = rolling.metric
        and told.window_days = rolling.window_days
where
    told.n <> rolling.n
    or told.status <> rolling.status
    or abs(told.value - rolling.value::numeric) > 0.0001
    or (told.value is null) <> (rolling.value is null)
