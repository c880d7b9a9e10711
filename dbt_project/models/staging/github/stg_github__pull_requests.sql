-- One row per pull request.
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
    (objects.payload ->> 'pull_request_id')::bigint as pull_request_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    (objects.payload ->> 'number')::int as pull_request_number,
    objects.payload ->> 'url' as url,
    objects.payload ->> 'state' as state,
    (objects.payload ->> 'is_draft')::boolean as is_draft,
    (objects.payload ->> 'created_at')::timestamptz as created_at,
    (objects.payload ->> 'updated_at')::timestamptz as updated_at,
    (objects.payload ->> 'closed_at')::timestamptz as closed_at,
    (objects.payload ->> 'merged_at')::timestamptz as merged_at,
    (objects.payload ->> 'additions')::int as additions,
    (objects.payload ->> 'deletions')::int as deletions,
    (objects.payload ->> 'changed_files')::int as changed_files_count,
    coalesce((objects.payload ->> 'base_is_default')::boolean, true) as is_base_default,
    objects.payload ->> 'head_oid' as head_oid,
    objects.payload ->> 'merge_commit_oid' as merge_commit_oid,
    coalesce(people.canonical_user_id, (objects.payload ->> 'author_id')::uuid) as author_id,
    {{ json_texts("objects.payload -> 'labels'") }} as labels,
    coalesce((objects.payload ->> 'is_revert')::boolean, false) as is_revert,
    (objects.payload ->> 'reverts_pull_request_number')::int as reverts_pull_request_number,
    objects.payload ->> 'reverts_oid' as reverts_oid,
    coalesce((objects.payload ->> 'is_hotfix')::boolean, false) as is_hotfix,
    {{ json_texts("objects.payload -> 'closes_issues'") }}::int[] as closes_issue_numbers,
    (objects.payload ->> 'commits_count')::int as commits_count,
    (objects.payload ->> 'comments_count')::int as comments_count,
    (objects.payload ->> 'review_comments_count')::int as review_comments_count,
    {{ json_texts("objects.payload -> 'paths'") }} as paths,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'author_id')::uuid = people.user_id
