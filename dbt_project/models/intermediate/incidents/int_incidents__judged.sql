{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='incident_id',
    indexes=[{'columns': ['incident_id'], 'unique': true}]
) }}

-- One row per incident of whatever source, as it stands at the end of the as-of day.
with

issues as (

    select * from {{ ref('int_incidents__of_issues') }}

),

imports as (

    select * from {{ ref('int_incidents__of_imports') }}

),

pagerduty as (

    select * from {{ ref('int_incidents__of_pagerduty') }}

)

select
    incident_id,
    'github' as source,
    repository_id,
    issue_number,
    url,
    title,
    service,
    service as told_service,
    severity,
    opened_at,
    null::timestamptz as acknowledged_at,
    resolved_at,
    reopened_count,
    is_excluded,
    is_external,
    named_deployment_ids,
    null as named_event_id,
    named_oids,
    named_pull_request_numbers
from issues
union all
select
    incident_id,
    source,
    repository_id,
    null as issue_number,
    url,
    title,
    service,
    told_service,
    severity,
    opened_at,
    acknowledged_at,
    resolved_at,
    reopened_count,
    is_excluded,
    is_external,
    case when named_deployment ~ '^[0-9]{1,18}$' then array[named_deployment::bigint] else '{}' end
        as named_deployment_ids,
    named_deployment as named_event_id,
    array_remove(array[named_oid], null) as named_oids,
    array_remove(array[named_pull_request_number], null) as named_pull_request_numbers
from imports
union all
select
    incident_id,
    source,
    repository_id,
    null as issue_number,
    url,
    title,
    service,
    told_service,
    severity,
    opened_at,
    acknowledged_at,
    resolved_at,
    reopened_count,
    is_excluded,
    false as is_external,
    '{}' as named_deployment_ids,
    null as named_event_id,
    '{}' as named_oids,
    '{}' as named_pull_request_numbers
from pagerduty
