-- One row per attempt of a deploying workflow's run, unless a GitHub deployment or a job already stands for it.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

runs as (

    select * from {{ ref('int_workflow_runs__to_production') }}

),

github_attempts as (

    select * from {{ ref('int_attempts__of_github_deployments') }}

),

jobs as (

    select * from {{ ref('int_workflow_jobs__deploying') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

deploying as (

    select
        runs.*,
        policy.as_of_at
    from runs
    inner join repositories
        on runs.repository_id = repositories.repository_id
    cross join policy
    where
        'workflow_run' = any(repositories.sources)
        and (
            {{ matches_any('runs.workflow_name', 'repositories.workflow_patterns') }}
            or {{ matches_any('runs.workflow_path', 'repositories.workflow_patterns') }}
        )
        and not exists (
            select 1 from github_attempts
            where
                github_attempts.repository_id = runs.repository_id
                and github_attempts.workflow_run_id = runs.workflow_run_id
                and github_attempts.run_attempt = runs.run_attempt
        )
        and not exists (
            select 1 from jobs
            where
                jobs.repository_id = runs.repository_id
                and jobs.workflow_run_id = runs.workflow_run_id
                and jobs.run_attempt = runs.run_attempt
        )

)

select
    repository_id,
    'production' as environment,
    'workflow_run' as source,
    workflow_run_id::text as source_id,
    run_attempt as attempt,
    head_sha as sha,
    workflow_run_id,
    started_at,
    case when status = 'completed' and updated_at < as_of_at then updated_at end as ended_at,
    case
        when status <> 'completed' or updated_at >= as_of_at then 'in_progress'
        when conclusion = 'success' then 'success'
        when conclusion in ('failure', 'timed_out', 'startup_failure') then 'failure'
        else 'cancelled'
    end as outcome,
    actor_id,
    workflow_name,
    workflow_path
from deploying
