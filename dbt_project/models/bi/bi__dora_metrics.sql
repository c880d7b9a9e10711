{{ config(
    alias='dora_metrics',
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='id',
    on_schema_change='fail',
    indexes=[
        {'columns': ['id'], 'unique': true},
        {'columns': ['created_at']},
        {'columns': ['repository', 'timestamp']},
    ],
    pre_hook=dirty("select id from {{ changed('dora_metrics', ['id']) }} as source")
) }}

-- One row per event, without the person.
select
    id,
    event_type,
    repository,
    timestamp,
    deployment_frequency,
    lead_time_hours,
    deployment_failed,
    environment,
    pr_number,
    commit_sha,
    null::uuid as actor,
    created_at,
    service,
    team,
    outcome
from {{ ref('dora_metrics') }}
{% if goes_on() %}
    where {{ is_dirty('id') }}
{% endif %}
