{{ config(alias='incidents', indexes=[{'columns': ['created_at_github']}, {'columns': ['severity', 'status']}]) }}

-- One row per incident that counts.
select
    id,
    issue_number,
    title,
    severity,
    created_at_github,
    closed_at_github,
    mttr_hours,
    status,
    repository,
    service,
    team,
    is_external,
    reopened_count,
    deployment_id,
    link_method,
    link_confidence,
    url,
    source,
    acknowledged_at
from {{ ref('incidents') }}
