{{ config(alias='metric_rolling', materialized='view', post_hook=[]) }}

-- One row per metric, scope, day and length of window.
select *
from {{ ref('fct_metric_rolling') }}
