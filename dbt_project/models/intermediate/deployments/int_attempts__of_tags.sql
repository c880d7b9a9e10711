-- One row per deploying tag and commit that it was put on, unless a release stands for it.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

tags as (

    select * from {{ ref('stg_github__tags') }}

),

releases as (

    select * from {{ ref('stg_github__releases') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

-- Where releases are a source too, a tag's release says when it was published, and whether for everybody.
select
    tags.repository_id,
    'production' as environment,
    'tag' as source,
    tags.tag_name || '@' || tags.sha as source_id,
    row_number() over (
        partition by tags.repository_id, tags.tag_name, tags.sha order by tags.tagged_at
    )::int as attempt,
    tags.sha,
    tags.tag_name,
    tags.method,
    tags.tagged_at as started_at,
    tags.tagged_at as ended_at,
    'success' as outcome,
    null::uuid as actor_id
from tags
inner join repositories
    on tags.repository_id = repositories.repository_id
cross join policy
where
    'tag' = any(repositories.sources)
    and {{ matches_any('tags.tag_name', 'repositories.tag_patterns') }}
    and tags.tagged_at < policy.as_of_at
    and not (
        'release' = any(repositories.sources)
        and exists (
            select 1 from releases
            where
                releases.repository_id = tags.repository_id
                and releases.tag_name = tags.tag_name
                and (releases.sha is null or releases.sha = tags.sha)
                and not releases.is_draft
        )
    )
