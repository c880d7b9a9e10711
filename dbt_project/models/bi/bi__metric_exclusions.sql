{{ config(alias='metric_exclusions', materialized='view', post_hook=[]) }}

-- One row per metric, event and reason for which the event is left out of the metric.
select *
from {{ ref('fct_metric_exclusions') }}
