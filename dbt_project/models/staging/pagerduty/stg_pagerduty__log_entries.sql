-- One row per log entry of a PagerDuty incident that says how it stands: triggered, acknowledged, resolved.
select
    objects.payload ->> 'incident_id' as incident_id,
    entry.ordinality::int as entry_position,
    entry.value ->> 'type' as entry_type,
    (entry.value ->> 'at')::timestamptz as happened_at
from {{ source('raw', 'pagerduty_incidents') }} as objects
cross join lateral {{ json_rows("objects.payload -> 'events'") }} with ordinality as entry
where not objects.deleted
