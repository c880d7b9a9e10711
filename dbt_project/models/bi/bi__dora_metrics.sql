{{ config(alias='dora_metrics', indexes=[{'columns': ['created_at']}, {'columns': ['repository', 'timestamp']}]) }}

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
