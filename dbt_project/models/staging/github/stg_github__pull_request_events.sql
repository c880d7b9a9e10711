-- One row per step in the life of a pull request: made ready, made a draft again, review asked for, reopened.
with

objects as (

    select *
    from {{ source('raw', 'github_pull_requests') }}
    where not deleted

)

select
    objects.natural_key,
    (objects.payload ->> 'pull_request_id')::bigint as pull_request_id,
    entry.value ->> 'type' as event_type,
    (entry.value ->> 'at')::timestamptz as happened_at
from objects
cross join lateral {{ json_rows("objects.payload -> 'timeline'") }} as entry
