-- A row for each metric of which the function and the table of rolling windows tell two different things.
with

rolling as (

    select rolling.*
    from {{ ref('fct_metric_rolling') }} as rolling
    inner join {{ ref('bi__parameters') }} as parameters
        on
            rolling.metric_date = parameters.last_date
            and rolling.scope = parameters.organization
    where rolling.scope_type = 'organization'

),

told as (

    select
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
    from (values (7), (28), (90)) as windows (window_days)
    cross join lateral {{ function('get_dora_performance_tier') }}(null, windows.window_days) as told

)

select
    told.*,
    rolling.value as rolling_value,
    rolling.n as rolling_n,
    rolling.status as rolling_status
from told
inner join rolling
    on
        told.metric = rolling.metric
        and told.window_days = rolling.window_days
where
    told.n <> rolling.n
    or told.status <> rolling.status
    or abs(told.value - rolling.value::numeric) > 0.0001
    or (told.value is null) <> (rolling.value is null)
