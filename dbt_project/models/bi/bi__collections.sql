{{ config(alias='collections') }}

-- One row per repository and day on which it should have been collected.
select *
from {{ ref('fct_collections') }}
