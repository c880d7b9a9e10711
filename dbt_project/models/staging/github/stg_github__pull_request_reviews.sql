-- One row per submitted review of a pull request.
with

objects as (

    select *
    from {{ source('raw', 'github_pull_requests') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    objects.natural_key,
    objects.source_updated_at,
    (entry.value ->> 'review_id')::bigint as review_id,
    (objects.payload ->> 'pull_request_id')::bigint as pull_request_id,
    entry.value ->> 'state' as state,
    (entry.value ->> 'submitted_at')::timestamptz as submitted_at,
    coalesce(people.canonical_user_id, (entry.value ->> 'author_id')::uuid) as author_id
from objects
cross join lateral {{ json_rows("objects.payload -> 'reviews'") }} as entry
left join people
    on (entry.value ->> 'author_id')::uuid = people.user_id
where entry.value ->> 'submitted_at' is not null
