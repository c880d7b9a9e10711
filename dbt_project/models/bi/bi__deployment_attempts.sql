{{ config(alias='deployment_attempts', indexes=[{'columns': ['ended_at']}]) }}

-- One row per try to deploy to production.
select *
from {{ ref('fct_deployment_attempts') }}
