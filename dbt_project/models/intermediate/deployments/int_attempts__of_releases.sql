-- One row per release that was published for everybody, in a repository that deploys by releases.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

releases as (

    select * from {{ ref('stg_github__releases') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

select
    releases.repository_id,
    'production' as environment,
    'release' as source,
    releases.release_id::text as source_id,
    1 as attempt,
    releases.sha,
    releases.tag_name,
    releases.published_at as started_at,
    releases.published_at as ended_at,
    'success' as outcome,
    releases.author_id as actor_id
from releases
inner join repositories
    on releases.repository_id = repositories.repository_id
cross join policy
where
    'release' = any(repositories.sources)
    and (
        cardinality(repositories.tag_patterns) = 0
        or {{ matches_any('releases.tag_name', 'repositories.tag_patterns') }}
    )
    and not releases.is_draft
    and not releases.is_prerelease
    and releases.published_at < policy.as_of_at
