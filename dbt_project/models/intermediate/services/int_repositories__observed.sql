-- One row per repository of which anything is known, with the first day on which its activity could be seen.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

pull_requests as (

    select * from {{ ref('stg_github__pull_requests') }}

),

deployments as (

    select * from {{ ref('stg_github__deployments') }}

),

runs as (

    select * from {{ ref('stg_github__workflow_runs') }}

),

issues as (

    select * from {{ ref('stg_github__issues') }}

),

releases as (

    select * from {{ ref('stg_github__releases') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- GitHub's own clock; a commit is dated by whoever made it, so it counts only where its repository already existed.
sightings as (

    select
        pull_requests.repository_id,
        min(pull_requests.created_at) as seen_at
    from pull_requests
    group by pull_requests.repository_id
    union all
    select
        deployments.repository_id,
        min(deployments.created_at) as seen_at
    from deployments
    group by deployments.repository_id
    union all
    select
        runs.repository_id,
        min(runs.started_at) as seen_at
    from runs
    group by runs.repository_id
    union all
    select
        issues.repository_id,
        min(issues.created_at) as seen_at
    from issues
    group by issues.repository_id
    union all
    select
        releases.repository_id,
        min(releases.published_at) as seen_at
    from releases
    group by releases.repository_id
    union all
    select
        events.repository_id,
        min(events.started_at) as seen_at
    from events
    where events.unplaced_reason is null
    group by events.repository_id
    union all
    select
        commits.repository_id,
        min(commits.committed_at) as seen_at
    from commits
    inner join repositories
        on commits.repository_id = repositories.repository_id
    where commits.committed_at >= repositories.created_at
    group by commits.repository_id

)

select
    sightings.repository_id,
    greatest(min(sightings.seen_at), policy.read_since::timestamp at time zone 'UTC') as observed_since
from sightings
cross join policy
where sightings.seen_at < policy.as_of_at
group by sightings.repository_id, policy.read_since
