-- One row per commit that is or was in a default branch's history.
with

objects as (

    select *
    from {{ source('raw', 'github_commits') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    objects.natural_key,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    objects.payload ->> 'oid' as oid,
    (objects.payload ->> 'authored_at')::timestamptz as authored_at,
    (objects.payload ->> 'committed_at')::timestamptz as committed_at,
    (objects.payload ->> 'additions')::int as additions,
    (objects.payload ->> 'deletions')::int as deletions,
    (objects.payload ->> 'changed_files')::int as changed_files_count,
    coalesce(people.canonical_user_id, (objects.payload ->> 'author_id')::uuid) as author_id,
    {{ json_texts("objects.payload -> 'parents'") }} as parent_oids,
    coalesce((objects.payload ->> 'is_revert')::boolean, false) as is_revert,
    objects.payload ->> 'reverts_oid' as reverts_oid,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'author_id')::uuid = people.user_id
