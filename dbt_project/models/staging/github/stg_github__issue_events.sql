-- One row per event of an issue: labelled, unlabelled, closed, reopened.
with

objects as (

    select *
    from {{ source('raw', 'github_issues') }}
    where not deleted

)

select
    (objects.payload ->> 'issue_id')::bigint as issue_id,
    entry.ordinality::int as event_position,
    entry.value ->> 'type' as event_type,
    (entry.value ->> 'at')::timestamptz as happened_at,
    entry.value ->> 'label' as label
from objects
cross join lateral {{ json_rows("objects.payload -> 'events'") }} with ordinality as entry
