-- A row for each metric that the catalogue and the macro metrics() do not tell alike.
with

catalog as (

    select
        metric,
        aggregation
    from {{ ref('metric_catalog') }}

),

measured (metric, aggregation) as (

    values
    {% for metric in metrics() %}
        ('{{ metric.name }}', '{{ metric.aggregation }}'){{ ',' if not loop.last }}
    {% endfor %}

)

select
    coalesce(catalog.metric, measured.metric) as metric,
    catalog.aggregation,
    measured.aggregation as measured_aggregation
from catalog
full outer join measured
    on catalog.metric = measured.metric
where catalog.aggregation is distinct from measured.aggregation
