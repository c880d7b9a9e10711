-- One row per pull request and commit in its list.
with

objects as (

    select *
    from {{ source('raw', 'github_pull_requests') }}
    where not deleted

)

select
    objects.natural_key,
    (objects.payload ->> 'pull_request_id')::bigint as pull_request_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    listed_commits.oid,
    listed_commits.authored_at,
    listed_commits.committed_at
from objects
cross join lateral (
    select distinct on (entry.value ->> 'oid')
        entry.value ->> 'oid' as oid,
        (entry.value ->> 'authored_at')::timestamptz as authored_at,
        (entry.value ->> 'committed_at')::timestamptz as committed_at
    from {{ json_rows("objects.payload -> 'commits'") }} as entry
    order by entry.value ->> 'oid'
) as listed_commits
