-- One row per release.
with

objects as (

    select *
    from {{ source('raw', 'github_releases') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    objects.natural_key,
    (objects.payload ->> 'release_id')::bigint as release_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    objects.payload ->> 'tag_name' as tag_name,
    coalesce((objects.payload ->> 'is_draft')::boolean, false) as is_draft,
    coalesce((objects.payload ->> 'is_prerelease')::boolean, false) as is_prerelease,
    (objects.payload ->> 'published_at')::timestamptz as published_at,
    objects.payload ->> 'oid' as sha,
    coalesce(people.canonical_user_id, (objects.payload ->> 'author_id')::uuid) as author_id,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'author_id')::uuid = people.user_id
