-- One row per repository that the organisation has or had: what happened in one that is gone still counts.
-- Of two that bore one name, the one that is still there, else the newer.
with

objects as (

    select * from {{ source('raw', 'github_repositories') }}

)

select distinct on (lower(payload ->> 'name'))
    (payload ->> 'repository_id')::bigint as repository_id,
    payload ->> 'name' as repository,
    payload ->> 'name_with_owner' as name_with_owner,
    payload ->> 'default_branch' as default_branch,
    payload ->> 'head_oid' as head_oid,
    (payload ->> 'is_archived')::boolean as is_archived,
    (payload ->> 'is_fork')::boolean as is_fork,
    (payload ->> 'is_private')::boolean as is_private,
    deleted as is_gone,
    (payload ->> 'created_at')::timestamptz as created_at,
    (payload ->> 'pushed_at')::timestamptz as pushed_at,
    observed_at
from objects
order by lower(payload ->> 'name'), deleted, (payload ->> 'repository_id')::bigint desc
