-- One row per incident of a file, as it stood when the file was written.
select
    payload ->> 'incident_id' as source_id,
    payload ->> 'service' as service,
    payload ->> 'repository' as repository,
    payload ->> 'title' as title,
    payload ->> 'severity' as severity,
    payload ->> 'status' as status,
    (payload ->> 'opened_at')::timestamptz as opened_at,
    (payload ->> 'acknowledged_at')::timestamptz as acknowledged_at,
    (payload ->> 'resolved_at')::timestamptz as resolved_at,
    (payload ->> 'reopened_count')::int as reopened_count,
    (payload ->> 'is_external')::boolean as is_external,
    payload ->> 'deployment_id' as named_deployment,
    payload ->> 'sha' as named_oid,
    (payload ->> 'pull_request')::int as named_pull_request_number,
    payload ->> 'url' as url,
    observed_at
from {{ source('raw', 'imported_incidents') }}
where not deleted
