{{ config(alias='deployments', indexes=[{'columns': ['deployed_at']}, {'columns': ['service']}]) }}

-- One row per deployment to production.
select *
from {{ ref('fct_deployments') }}
