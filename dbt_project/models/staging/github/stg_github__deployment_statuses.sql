-- One row per status that a GitHub deployment ever had.
with

objects as (

    select *
    from {{ source('raw', 'github_deployments') }}
    where not deleted

)

select
    objects.natural_key,
    entry.value ->> 'status_id' as status_id,
    (objects.payload ->> 'deployment_id')::bigint as deployment_id,
    upper(entry.value ->> 'state') as state,
    (entry.value ->> 'created_at')::timestamptz as created_at
from objects
cross join lateral {{ json_rows("objects.payload -> 'statuses'") }} as entry
