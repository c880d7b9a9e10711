-- One row per severity and one for all: incidents resolved in the last days that have ended, and those still open.
with

scope as (

    select
        parameters.as_of_at,
        (parameters.last_date + 1)::timestamp at time zone parameters.time_zone as window_end,
        (parameters.last_date + 1 - greatest(coalesce(p_days, 90), 1))::timestamp
            at time zone parameters.time_zone as window_start
    from {{ ref('bi__parameters') }} as parameters

),

incidents as (

    select
        coalesce(incidents.severity, 'unclassified') as severity,
        incidents.mttr_hours,
        incidents.status = 'open' as is_open,
        extract(epoch from scope.as_of_at - incidents.created_at_github) / 3600 as age_hours
    from {{ ref('bi__incidents') }} as incidents
    cross join scope
    where
        incidents.status = 'open'
        or (
            incidents.closed_at_github >= scope.window_start
            and incidents.closed_at_github < scope.window_end
        )

)

select
    coalesce(incidents.severity, 'all') as severity,
    count(*) as incidents,
    count(*) filter (where incidents.is_open) as open_incidents,
    round(avg(incidents.mttr_hours)::numeric, 4) as mean_hours,
    round((percentile_cont(0.5) within group (order by incidents.mttr_hours))::numeric, 4) as median_hours,
    round((percentile_cont(0.9) within group (order by incidents.mttr_hours))::numeric, 4) as p90_hours,
    round(max(incidents.age_hours) filter (where incidents.is_open), 4) as oldest_open_hours,
    case when count(incidents.mttr_hours) = 0 then 'no_data' else 'ok' end as status
from incidents
group by grouping sets ((incidents.severity), ())
order by
    grouping(incidents.severity) desc,
    incidents.severity
