-- One row per execution of a job that deploys, skipped or not, with the attempt of the run that it belongs to.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

jobs as (

    select * from {{ ref('stg_github__workflow_jobs') }}

),

runs as (

    select * from {{ ref('int_workflow_runs__to_production') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

matching as (

    select
        jobs.job_id,
        jobs.repository_id,
        jobs.workflow_run_id,
        jobs.job_name,
        jobs.status,
        jobs.conclusion,
        jobs.deployment_id,
        jobs.is_deployment_told,
        runs.run_attempt,
        runs.workflow_name,
        runs.workflow_path,
        runs.head_sha,
        runs.actor_id,
        coalesce(jobs.started_at, runs.started_at) as started_at,
        coalesce(jobs.completed_at, jobs.started_at) as completed_at,
        coalesce(jobs.run_attempt = runs.run_attempt, false) as is_told_attempt,
        coalesce(runs.started_at <= jobs.started_at, true) as is_begun
    from jobs
    inner join repositories
        on jobs.repository_id = repositories.repository_id
    inner join runs
        on
            jobs.repository_id = runs.repository_id
            and jobs.workflow_run_id = runs.workflow_run_id
    where
        'workflow_job' = any(repositories.sources)
        and {{ matches_any('jobs.job_name', 'repositories.job_patterns') }}
        and (
            cardinality(repositories.workflow_patterns) = 0
            or {{ matches_any('runs.workflow_name', 'repositories.workflow_patterns') }}
            or {{ matches_any('runs.workflow_path', 'repositories.workflow_patterns') }}
        )

),

-- Where it is not told, the newest attempt that had begun when the job did; not every attempt is known.
of_attempts as (

    select distinct on (matching.job_id) matching.*
    from matching
    order by
        matching.job_id asc,
        matching.is_told_attempt desc,
        matching.is_begun desc,
        case when matching.is_begun then matching.run_attempt else -matching.run_attempt end desc

),

-- A run that is started again from its failed jobs lists the others once more, with their old times.
executions as (

    select distinct on (
        of_attempts.repository_id,
        of_attempts.workflow_run_id,
        of_attempts.job_name,
        of_attempts.started_at,
        of_attempts.completed_at
    ) of_attempts.*
    from of_attempts
    order by
        of_attempts.repository_id,
        of_attempts.workflow_run_id,
        of_attempts.job_name,
        of_attempts.started_at,
        of_attempts.completed_at,
        of_attempts.job_id

)

select
    executions.job_id,
    executions.repository_id,
    executions.workflow_run_id,
    case when executions.is_told_attempt or executions.is_begun then executions.run_attempt end as run_attempt,
    executions.workflow_name,
    executions.workflow_path,
    executions.job_name,
    executions.head_sha,
    executions.deployment_id,
    executions.is_deployment_told,
    executions.started_at,
    case
        when executions.status = 'completed' and executions.completed_at < policy.as_of_at
            then executions.completed_at
    end as ended_at,
    case
        when executions.status <> 'completed' or executions.completed_at >= policy.as_of_at then 'in_progress'
        when executions.conclusion = 'skipped' then 'skipped'
        when executions.conclusion = 'success' then 'success'
        when executions.conclusion in ('failure', 'timed_out', 'startup_failure') then 'failure'
        else 'cancelled'
    end as outcome,
    executions.actor_id
from executions
cross join policy
where executions.started_at < policy.as_of_at
