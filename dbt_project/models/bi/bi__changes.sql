{{ config(alias='changes', indexes=[{'columns': ['deployed_at']}, {'columns': ['deployment_id']}]) }}

-- One row per service and change.
select *
from {{ ref('fct_changes') }}
