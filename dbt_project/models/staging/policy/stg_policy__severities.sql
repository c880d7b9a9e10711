-- One row per severity and label that means it; position 1 is the worst.
select
    severities.position as severity_position,
    severities.severity,
    labels.label
from {{ source('raw', 'policy_severities') }} as severities
cross join lateral unnest(severities.labels) as labels (label)
