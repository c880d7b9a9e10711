{{ config(
    alias='deployments',
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='deployment_id',
    on_schema_change='fail',
    indexes=[
        {'columns': ['deployment_id'], 'unique': true},
        {'columns': ['deployed_at']},
        {'columns': ['service']},
    ],
    pre_hook=dirty("select deployment_id from {{ changed('fct_deployments', ['deployment_id']) }} as source")
) }}

-- One row per deployment to production.
select *
from {{ ref('fct_deployments') }}
{% if goes_on() %}
    where {{ is_dirty('deployment_id') }}
{% endif %}
