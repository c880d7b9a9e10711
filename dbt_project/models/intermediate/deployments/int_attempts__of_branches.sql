-- One row per merge or push to the default branch of a repository that deploys by them, or that shows no other way.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

changes as (

    select * from {{ ref('int_changes__integrated') }}

),

deployments as (

    select * from {{ ref('stg_github__deployments') }}

),

runs as (

    select * from {{ ref('int_attempts__of_workflow_runs') }}

),

jobs as (

    select * from {{ ref('int_attempts__of_workflow_jobs') }}

),

tags as (

    select * from {{ ref('int_attempts__of_tags') }}

),

releases as (

    select * from {{ ref('stg_github__releases') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

branch_repositories as (

    select
        repositories.repository_id,
        'branch' <> all(repositories.sources) as is_assumed
    from repositories
    where
        repositories.default_branch ilike {{ glob_as_like('repositories.branch') }}
        and (
            'branch' = any(repositories.sources)
            or not (
                exists (
                    select 1 from deployments
                    where deployments.repository_id = repositories.repository_id
                )
                or exists (
                    select 1 from runs
                    where runs.repository_id = repositories.repository_id
                )
                or exists (
                    select 1 from events
                    where
                        events.repository_id = repositories.repository_id
                        and events.unplaced_reason is null
                )
                or exists (
                    select 1 from jobs
                    where jobs.repository_id = repositories.repository_id
                )
                or exists (
                    select 1 from tags
                    where tags.repository_id = repositories.repository_id
                )
                or exists (
                    select 1 from releases
                    where
                        releases.repository_id = repositories.repository_id
                        and not releases.is_draft
                )
            )
        )

)

select
    changes.repository_id,
    'production' as environment,
    'branch' as source,
    changes.change_id as source_id,
    1 as attempt,
    changes.sha,
    changes.merged_at as started_at,
    changes.merged_at as ended_at,
    'success' as outcome,
    changes.author_id as actor_id,
    changes.change_id,
    branch_repositories.is_assumed
from changes
inner join branch_repositories
    on changes.repository_id = branch_repositories.repository_id
where changes.kind <> 'stacked'
