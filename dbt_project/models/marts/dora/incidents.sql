{{ config(indexes=[{'columns': ['created_at_github']}]) }}

-- One row per incident that counts: duplicates and what was closed as not planned are left out.
with

incidents as (

    select * from {{ ref('fct_incidents') }}

)

select
    incident_id as id,
    issue_number,
    title,
    severity,
    opened_at as created_at_github,
    resolved_at as closed_at_github,
    time_to_resolve_hours as mttr_hours,
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
from incidents
where not is_excluded
