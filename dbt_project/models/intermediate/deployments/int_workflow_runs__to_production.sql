-- One row per attempt of a workflow's run that may have reached production, whatever the workflow does.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

runs as (

    select * from {{ ref('stg_github__workflow_runs') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

-- What a pull request or a push to another branch runs does not reach production.
select
    runs.workflow_run_id,
    runs.run_attempt,
    runs.repository_id,
    runs.workflow_name,
    runs.workflow_path,
    runs.head_sha,
    runs.status,
    runs.conclusion,
    runs.started_at,
    runs.updated_at,
    runs.actor_id
from runs
inner join repositories
    on runs.repository_id = repositories.repository_id
cross join policy
where
    ('workflow_run' = any(repositories.sources) or 'workflow_job' = any(repositories.sources))
    and runs.started_at < policy.as_of_at
    and runs.event not in ('pull_request', 'pull_request_target', 'pull_request_review', 'merge_group')
    and runs.conclusion is distinct from 'skipped'
    and (
        runs.event <> 'push'
        or runs.is_head_default_branch
        or exists (
            select 1 from commits
            where
                commits.repository_id = runs.repository_id
                and commits.oid = runs.head_sha
        )
    )
