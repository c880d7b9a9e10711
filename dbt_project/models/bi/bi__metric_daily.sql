{{ config(alias='metric_daily', indexes=[{'columns': ['scope_type', 'scope', 'metric', 'metric_date']}]) }}

-- One row per metric, scope and day.
select *
from {{ ref('fct_metric_daily') }}
