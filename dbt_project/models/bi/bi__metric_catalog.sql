{{ config(alias='metric_catalog') }}

-- One row per metric.
select *
from {{ ref('metric_catalog') }}
