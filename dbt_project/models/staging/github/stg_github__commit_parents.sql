-- One row per commit and parent of it; position 1 is the branch that was merged into.
with

objects as (

    select *
    from {{ source('raw', 'github_commits') }}
    where not deleted

)

select
    objects.natural_key,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    objects.payload ->> 'oid' as oid,
    entry.value #>> '{}' as parent_oid,
    entry.ordinality::int as parent_position
from objects
cross join lateral {{ json_rows("objects.payload -> 'parents'") }} with ordinality as entry
