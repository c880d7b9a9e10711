{{ config(alias='dora_summary') }}

-- One row per day of the organisation, zero-filled.
select *
from {{ ref('dora_summary') }}
