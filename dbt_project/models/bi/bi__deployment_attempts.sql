{{ config(
    alias='deployment_attempts',
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='attempt_id',
    on_schema_change='fail',
    indexes=[{'columns': ['attempt_id'], 'unique': true}, {'columns': ['ended_at']}],
    pre_hook=dirty("select attempt_id from {{ changed('fct_deployment_attempts', ['attempt_id']) }} as source")
) }}

-- One row per try to deploy to production.
select *
from {{ ref('fct_deployment_attempts') }}
{% if goes_on() %}
    where {{ is_dirty('attempt_id') }}
{% endif %}
