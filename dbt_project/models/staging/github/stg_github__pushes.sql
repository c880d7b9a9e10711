-- One row per push, merge, creation or deletion of a branch that deploys and is not the default one.
with

objects as (

    select *
    from {{ source('raw', 'github_pushes') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    (objects.payload ->> 'push_id')::bigint as push_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    objects.payload ->> 'branch' as branch,
    objects.payload ->> 'type' as push_type,
    objects.payload ->> 'before_oid' as before_oid,
    objects.payload ->> 'after_oid' as after_oid,
    (objects.payload ->> 'pushed_at')::timestamptz as pushed_at,
    coalesce(people.canonical_user_id, (objects.payload ->> 'actor_id')::uuid) as actor_id,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'actor_id')::uuid = people.user_id
