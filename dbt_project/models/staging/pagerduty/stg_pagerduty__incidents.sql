-- One row per PagerDuty incident, as it was last read.
select
    payload ->> 'incident_id' as incident_id,
    (payload ->> 'number')::int as incident_number,
    payload ->> 'title' as title,
    payload ->> 'status' as status,
    payload ->> 'urgency' as urgency,
    payload ->> 'priority' as priority,
    payload ->> 'service_id' as pagerduty_service_id,
    payload ->> 'service_name' as pagerduty_service,
    (payload ->> 'created_at')::timestamptz as created_at,
    (payload ->> 'resolved_at')::timestamptz as resolved_at,
    payload ->> 'merged_into' as merged_into,
    payload ->> 'url' as url,
    observed_at
from {{ source('raw', 'pagerduty_incidents') }}
where not deleted
