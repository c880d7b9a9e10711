{{ config(materialized='view', post_hook=[]) }}

-- One row per metric, scope, day and length of window: the value over the 7, 28 or 90 days that end with the day.
-- Every day of the last 92 stands here, and before them the last day of each ISO week.
with

windows as not materialized (

    select * from {{ ref('fct_metric_windows') }}

),

catalog as not materialized (

    select * from {{ ref('metric_catalog') }}

),

policy as not materialized (

    select * from {{ ref('stg_policy__parameters') }}

),

measured as not materialized (

    select
        windows.metric_date,
        windows.window_days,
        windows.scope_type,
        windows.scope,
        windows.time_zone,
        windows.first_date,
        catalog.metric,
        catalog.unit,
        catalog.aggregation,
        catalog.definition_version,
        measures.n,
        measures.numerator,
        {{ metric_denominator(
            'catalog.aggregation',
            'measures.n',
            'least(windows.window_days, windows.metric_date - windows.first_date + 1)'
        ) }} as denominator,
        measures.median,
        measures.p90
    from windows
    cross join lateral ({{ metric_rows('windows') }}) as measures (metric, n, numerator, median, p90)
    inner join catalog
        on measures.metric = catalog.metric

)

select
    measured.metric_date,
    measured.window_days,
    measured.scope_type,
    measured.scope,
    measured.metric,
    {{ metric_columns('measured', '(measured.metric_date - measured.first_date + 1)') }},
    (measured.metric_date - measured.window_days + 1)::timestamp at time zone measured.time_zone as window_start,
    (measured.metric_date + 1)::timestamp at time zone measured.time_zone as window_end,
    measured.time_zone,
    measured.definition_version
from measured
cross join policy
