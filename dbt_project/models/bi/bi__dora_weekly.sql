{{ config(alias='dora_weekly', materialized='view', post_hook=[]) }}

-- One row per scope and ISO week, zero-filled.
select *
from {{ ref('dora_weekly') }}
