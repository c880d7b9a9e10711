{{ config(alias='data_health_checks') }}

-- One row per check of data_health.
select *
from {{ ref('data_health_checks') }}
