-- One row per pull request and commit in its list.
with

objects as (

    select *
    from {{ source('raw', 'github_pull_requests') }}
    where not deleted

)

select distinct on (pull_request_id, oid)
    (objects.payload ->> 'pull_request_id')::bigint as pull_request_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    entry.value ->> 'oid' as oid,
    (entry.value ->> 'authored_at')::timestamptz as authored_at,
    (entry.value ->> 'committed_at')::timestamptz as committed_at
from objects
cross join lateral {{ json_rows("objects.payload -> 'commits'") }} as entry
order by pull_request_id, oid
