-- One row per repository, environment and try to deploy, from whatever source the repository deploys by.
with

github_deployments as (

    select * from {{ ref('int_attempts__of_github_deployments') }}

),

workflow_runs as (

    select * from {{ ref('int_attempts__of_workflow_runs') }}

),

branches as (

    select * from {{ ref('int_attempts__of_branches') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

releases as (

    select * from {{ ref('stg_github__releases') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

published as (

    select releases.*
    from releases
    inner join repositories
        on releases.repository_id = repositories.repository_id
    cross join policy
    where
        'release' = any(repositories.sources)
        and not releases.is_draft
        and not releases.is_prerelease
        and releases.published_at < policy.as_of_at

)

select
    repository_id,
    environment,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    false as is_assumed
from github_deployments
union all
select
    repository_id,
    environment,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    workflow_name,
    false as is_assumed
from workflow_runs
union all
select
    repository_id,
    'production' as environment,
    'release' as source,
    release_id::text as source_id,
    1 as attempt,
    sha,
    published_at as started_at,
    published_at as ended_at,
    'success' as outcome,
    author_id as actor_id,
    null as workflow_name,
    false as is_assumed
from published
union all
select
    repository_id,
    environment,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    is_assumed
from branches
union all
select
    repository_id,
    environment,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    null::uuid as actor_id,
    null as workflow_name,
    false as is_assumed
from events
where unplaced_reason is null
