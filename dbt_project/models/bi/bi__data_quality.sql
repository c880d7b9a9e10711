{{ config(alias='data_quality', materialized='view', post_hook=[]) }}

-- One row per kind of contradiction that data may hold: how often it was met, and what is done about it.
select *
from {{ ref('fct_data_quality') }}
