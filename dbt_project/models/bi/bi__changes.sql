{{ config(
    alias='changes',
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['service', 'change_id'],
    on_schema_change='fail',
    indexes=[
        {'columns': ['service', 'change_id'], 'unique': true},
        {'columns': ['deployed_at']},
        {'columns': ['deployment_id']},
    ],
    pre_hook=dirty("select service, change_id from {{ changed('fct_changes', ['service', 'change_id']) }} as source")
) }}

-- One row per service and change.
select *
from {{ ref('fct_changes') }}
{% if goes_on() %}
    where {{ are_dirty('service', 'change_id') }}
{% endif %}
