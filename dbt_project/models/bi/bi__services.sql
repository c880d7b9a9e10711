{{ config(alias='services') }}

-- One row per service.
select *
from {{ ref('dim_services') }}
