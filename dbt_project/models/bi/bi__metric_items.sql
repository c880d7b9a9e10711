{{ config(alias='metric_items', indexes=[{'columns': ['scope_type', 'scope', 'metric', 'metric_date']}]) }}

-- One row per metric, scope and event that the metric is made of there.
select *
from {{ ref('fct_metric_items') }}
