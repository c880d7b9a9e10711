{{ config(alias='metric_item_details', materialized='view', post_hook=[]) }}

-- One row per event that a metric may be made of: where to read about it, and what it was linked to and how.
select *
from {{ ref('fct_metric_item_details') }}
