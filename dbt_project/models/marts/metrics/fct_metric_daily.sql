{{ config(materialized='view', post_hook=[]) }}

-- One row per metric, scope and day, zero-filled: the value of that day alone.
with

days as not materialized (

    select * from {{ ref('fct_metric_days') }}

),

catalog as not materialized (

    select * from {{ ref('metric_catalog') }}

),

policy as not materialized (

    select * from {{ ref('stg_policy__parameters') }}

),

measured as not materialized (

    select
        days.metric_date,
        days.scope_type,
        days.scope,
        days.time_zone,
        days.first_date,
        catalog.metric,
        catalog.unit,
        catalog.aggregation,
        catalog.definition_version,
        measures.n,
        measures.numerator,
        {{ metric_denominator('catalog.aggregation', 'measures.n', '1') }} as denominator,
        measures.median,
        measures.p90
    from days
    cross join lateral ({{ metric_rows('days') }}) as measures (metric, n, numerator, median, p90)
    inner join catalog
        on measures.metric = catalog.metric

)

select
    measured.metric_date,
    measured.scope_type,
    measured.scope,
    measured.metric,
    {{ metric_columns('measured', '(measured.metric_date - measured.first_date + 1)') }},
    measured.metric_date::timestamp at time zone measured.time_zone as window_start,
    (measured.metric_date + 1)::timestamp at time zone measured.time_zone as window_end,
    measured.time_zone,
    measured.definition_version
from measured
cross join policy
