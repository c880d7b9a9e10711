{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='repository_id',
    whole_if=commits_vanished(),
    raw={
        'github_pull_requests': "(payload ->> 'created_at')::timestamptz",
        'github_deployments': "(payload ->> 'created_at')::timestamptz",
        'github_workflow_runs': "coalesce(payload ->> 'run_started_at', payload ->> 'created_at')::timestamptz",
        'github_issues': "(payload ->> 'created_at')::timestamptz",
        'github_releases': "(payload ->> 'published_at')::timestamptz",
    }
) }}

{#- What has gone may have been the first, so then all is looked at again. -#}
{% set adds = goes_on() and not lost_some(
    ['github_pull_requests', 'github_deployments', 'github_workflow_runs', 'github_issues', 'github_releases']
) %}

-- One row per repository of which anything is known, with the first day on which its activity could be seen.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

pull_requests as (

    select * from {{ ref('stg_github__pull_requests') }}
    {% if adds %}
        where natural_key = any(array(select landed.natural_key from {{ landed('github_pull_requests') }} as landed))
    {% endif %}

),

deployments as (

    select * from {{ ref('stg_github__deployments') }}
    {% if adds %}
        where natural_key = any(array(select landed.natural_key from {{ landed('github_deployments') }} as landed))
    {% endif %}

),

runs as (

    select * from {{ ref('stg_github__workflow_runs') }}
    {% if adds %}
        where natural_key = any(array(select landed.natural_key from {{ landed('github_workflow_runs') }} as landed))
    {% endif %}

),

issues as (

    select * from {{ ref('stg_github__issues') }}
    {% if adds %}
        where natural_key = any(array(select landed.natural_key from {{ landed('github_issues') }} as landed))
    {% endif %}

),

releases as (

    select * from {{ ref('stg_github__releases') }}
    {% if adds %}
        where natural_key = any(array(select landed.natural_key from {{ landed('github_releases') }} as landed))
    {% endif %}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}
    {% if adds %}
        where
            committed_at >= {{ last_as_of_at() }}
            or commit_number = any(array(
                select landed.commit_number
                from {{ changed('int_commits__numbered', ['commit_number int']) }} as landed
            ))
    {% endif %}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- GitHub's own clock; a commit is dated by whoever made it, so it counts only where its repository already existed.
sightings as (

    {% if adds %}
        select
            repository_id,
            sighted_at as seen_at,
            false as is_told
        from {{ this }}
        where sighted_at is not null
        union all
    {% endif %}
    select
        pull_requests.repository_id,
        min(pull_requests.created_at) as seen_at,
        false as is_told
    from pull_requests
    group by pull_requests.repository_id
    union all
    select
        deployments.repository_id,
        min(deployments.created_at) as seen_at,
        false as is_told
    from deployments
    group by deployments.repository_id
    union all
    select
        runs.repository_id,
        min(runs.started_at) as seen_at,
        false as is_told
    from runs
    group by runs.repository_id
    union all
    select
        issues.repository_id,
        min(issues.created_at) as seen_at,
        false as is_told
    from issues
    group by issues.repository_id
    union all
    select
        releases.repository_id,
        min(releases.published_at) as seen_at,
        false as is_told
    from releases
    group by releases.repository_id
    union all
    select
        events.repository_id,
        min(events.started_at) as seen_at,
        true as is_told
    from events
    where events.unplaced_reason is null
    group by events.repository_id
    union all
    select
        commits.repository_id,
        min(commits.committed_at) as seen_at,
        false as is_told
    from commits
    inner join repositories
        on commits.repository_id = repositories.repository_id
    where commits.committed_at >= repositories.created_at
    group by commits.repository_id
    {% if adds %}
        -- Commits may have been there before their repository was, which says from when on they count.
        union all
        select
            repositories.repository_id,
            first_commits.committed_at as seen_at,
            false as is_told
        from repositories
        cross join
            lateral (
                select known.committed_at
                from {{ ref('int_commits__numbered') }} as known
                where
                    known.repository_id = repositories.repository_id
                    and known.committed_at >= repositories.created_at
                order by known.committed_at
                limit 1
            ) as first_commits
        where repositories.repository_id in (
            select births.repository_id
            from {{ changed('int_repositories__configured', ['repository_id bigint'], log='births') }} as births
        )
    {% endif %}

)

select
    sightings.repository_id,
    greatest(min(sightings.seen_at), policy.read_since::timestamp at time zone 'UTC') as observed_since,
    min(sightings.seen_at) filter (where not sightings.is_told) as sighted_at
from sightings
cross join policy
where sightings.seen_at < policy.as_of_at
group by sightings.repository_id, policy.read_since
