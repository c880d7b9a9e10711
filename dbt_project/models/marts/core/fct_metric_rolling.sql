{{ config(pre_hook="set local work_mem = '64MB'") }}

-- One row per metric, scope, day and length of window: the value over the 7, 28 or 90 days that end with the day.
with

daily as (

    select * from {{ ref('fct_metric_daily') }}

),

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

-- The calendar has every day, so a window of rows is a window of days.
sums as (

    {% for days in [7, 28, 90] %}
        select
            daily.metric_date,
            {{ days }} as window_days,
            daily.scope_type,
            daily.scope,
            daily.metric,
            daily.time_zone,
            sum(daily.n) over window_of_days as n,
            sum(daily.numerator) over window_of_days as numerator,
            sum(daily.denominator) over window_of_days as denominator
        from daily
        window
            window_of_days as (
                partition by daily.metric, daily.scope_type, daily.scope
                order by daily.metric_date
                rows between {{ days - 1 }} preceding and current row
            )
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- Medians do not add up: each item lies in every window that holds its day.
percentiles as (

    select
        days.metric_date::date as metric_date,
        windows.window_days,
        items.scope_type,
        items.scope,
        items.metric,
        percentile_cont(array[0.5, 0.9]) within group (order by items.value) as percentiles
    from items
    inner join scopes
        on
            items.scope_type = scopes.scope_type
            and items.scope = scopes.scope
    cross join (values (7), (28), (90)) as windows (window_days)
    cross join
        lateral generate_series(
            items.metric_date::timestamp,
            least(items.metric_date + windows.window_days - 1, scopes.last_date)::timestamp,
            '1 day'
        ) as days (metric_date)
    where items.value is not null
    group by days.metric_date, windows.window_days, items.scope_type, items.scope, items.metric

)

select
    sums.metric_date,
    sums.window_days,
    sums.scope_type,
    sums.scope,
    sums.metric,
    {{ metric_value(
        'catalog.aggregation', 'sums.n', 'sums.numerator', 'sums.denominator', 'percentiles.percentiles[1]'
    ) }}
        as value,
    percentiles.percentiles[2] as value_p90,
    catalog.unit,
    sums.n::bigint as n,
    sums.numerator,
    sums.denominator,
    case when catalog.aggregation = 'ratio' then {{ wilson_pct('sums.numerator', 'sums.denominator', 'low') }} end
        as interval_low,
    case when catalog.aggregation = 'ratio' then {{ wilson_pct('sums.numerator', 'sums.denominator', 'high') }} end
        as interval_high,
    {{ metric_status('catalog.aggregation', 'sums.n', '(sums.metric_date - scopes.first_date + 1)') }} as status,
    (sums.metric_date - sums.window_days + 1)::timestamp at time zone sums.time_zone as window_start,
    (sums.metric_date + 1)::timestamp at time zone sums.time_zone as window_end,
    sums.time_zone,
    catalog.definition_version
from sums
inner join catalog
    on sums.metric = catalog.metric
inner join scopes
    on
        sums.scope_type = scopes.scope_type
        and sums.scope = scopes.scope
cross join policy
left join percentiles
    on
        sums.metric_date = percentiles.metric_date
        and sums.window_days = percentiles.window_days
        and sums.scope_type = percentiles.scope_type
        and sums.scope = percentiles.scope
        and sums.metric = percentiles.metric
