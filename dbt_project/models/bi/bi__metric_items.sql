{{ config(alias='metric_items', materialized='view', post_hook=[]) }}

-- One row per metric, scope and event that the metric is made of there.
select *
from {{ ref('fct_metric_items') }}
