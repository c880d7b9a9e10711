{{ config(alias='metric_daily', materialized='view', post_hook=[]) }}

-- One row per metric, scope and day.
select *
from {{ ref('fct_metric_daily') }}
