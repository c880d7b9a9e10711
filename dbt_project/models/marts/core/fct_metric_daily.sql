-- One row per metric, scope and day, zero-filled: the value of that day alone.
with

items as (

    select * from {{ ref('fct_metric_items') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

catalog as (

    select * from {{ ref('metric_catalog') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

calendar as (

    select
        days.metric_date::date as metric_date,
        scopes.scope_type,
        scopes.scope,
        scopes.time_zone,
        scopes.first_date,
        catalog.metric,
        catalog.unit,
        catalog.aggregation,
        catalog.definition_version
    from scopes
    cross join catalog
    cross join lateral generate_series(scopes.first_date, scopes.last_date, '1 day') as days (metric_date)

),

items_by_day as (

    select
        items.metric,
        items.scope_type,
        items.scope,
        items.metric_date,
        count(*) as n,
        count(*) filter (where items.is_hit) as hits,
        sum(items.value) as total,
        percentile_cont(array[0.5, 0.9]) within group (order by items.value) as percentiles
    from items
    group by items.metric, items.scope_type, items.scope, items.metric_date

),

measured as (

    select
        calendar.*,
        coalesce(items_by_day.n, 0) as n,
        case calendar.aggregation
            when 'median' then items_by_day.total
            when 'ratio' then coalesce(items_by_day.hits, 0)
            else coalesce(items_by_day.n, 0)
        end::double precision as numerator,
        case
            when calendar.aggregation in ('median', 'ratio') then coalesce(items_by_day.n, 0)
            when calendar.aggregation in ('per_day', 'share_of_days') then 1
        end::double precision as denominator,
        items_by_day.percentiles[1] as median,
        items_by_day.percentiles[2] as p90
    from calendar
    left join items_by_day
        on
            calendar.metric = items_by_day.metric
            and calendar.scope_type = items_by_day.scope_type
            and calendar.scope = items_by_day.scope
            and calendar.metric_date = items_by_day.metric_date

)

select
    measured.metric_date,
    measured.scope_type,
    measured.scope,
    measured.metric,
    {{ metric_value(
        'measured.aggregation', 'measured.n', 'measured.numerator', 'measured.denominator', 'measured.median'
    ) }}
        as value,
    measured.p90 as value_p90,
    measured.unit,
    measured.n,
    measured.numerator,
    measured.denominator,
    case
        when measured.aggregation = 'ratio' then {{ wilson_pct('measured.numerator', 'measured.denominator', 'low') }}
    end
        as interval_low,
    case
        when measured.aggregation = 'ratio' then {{ wilson_pct('measured.numerator', 'measured.denominator', 'high') }}
    end
        as interval_high,
    {{ metric_status('measured.aggregation', 'measured.n', '(measured.metric_date - measured.first_date + 1)') }}
        as status,
    measured.metric_date::timestamp at time zone measured.time_zone as window_start,
    (measured.metric_date + 1)::timestamp at time zone measured.time_zone as window_end,
    measured.time_zone,
    measured.definition_version
from measured
cross join policy
