-- One row per comment in a review of code.
with

objects as (

    select *
    from {{ source('raw', 'github_review_comments') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    (objects.payload ->> 'comment_id')::bigint as comment_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    (objects.payload ->> 'pull_request_number')::int as pull_request_number,
    (objects.payload ->> 'review_id')::bigint as review_id,
    (objects.payload ->> 'in_reply_to_id')::bigint as in_reply_to_id,
    (objects.payload ->> 'created_at')::timestamptz as created_at,
    (objects.payload ->> 'updated_at')::timestamptz as updated_at,
    coalesce(people.canonical_user_id, (objects.payload ->> 'author_id')::uuid) as author_id,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'author_id')::uuid = people.user_id
