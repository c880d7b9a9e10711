-- One row per execution of a deploying job, unless a GitHub deployment already stands for it.
with

jobs as (

    select * from {{ ref('int_workflow_jobs__deploying') }}

),

deployments as (

    select * from {{ ref('stg_github__deployments') }}

),

github_attempts as (

    select * from {{ ref('int_attempts__of_github_deployments') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

-- Where a job does not tell which deployment it made, those of its run to production stand for it.
to_production as (

    select
        github_attempts.repository_id,
        github_attempts.source_id,
        github_attempts.workflow_run_id,
        github_attempts.run_attempt,
        {{ matches_any('github_attempts.environment', 'repositories.environment_patterns') }}
        or exists (
            select 1 from services
            where
                services.repository_id = github_attempts.repository_id
                and {{ matches_any('github_attempts.environment', 'services.environment_patterns') }}
        ) as is_production
    from github_attempts
    inner join repositories
        on github_attempts.repository_id = repositories.repository_id

)

select
    jobs.repository_id,
    coalesce(deployments.environment, 'production') as environment,
    deployments.environment is not null as is_environment_told,
    'workflow_job' as source,
    jobs.job_id::text as source_id,
    coalesce(jobs.run_attempt, 1) as attempt,
    jobs.head_sha as sha,
    jobs.workflow_run_id,
    jobs.started_at,
    jobs.ended_at,
    jobs.outcome,
    jobs.actor_id,
    jobs.workflow_name,
    jobs.workflow_path,
    jobs.job_name
from jobs
left join deployments
    on
        jobs.repository_id = deployments.repository_id
        and jobs.deployment_id = deployments.deployment_id
where
    jobs.outcome <> 'skipped'
    and not exists (
        select 1 from to_production
        where
            jobs.repository_id = to_production.repository_id
            and (
                jobs.deployment_id::text = to_production.source_id
                or (
                    not jobs.is_deployment_told
                    and to_production.is_production
                    and jobs.workflow_run_id = to_production.workflow_run_id
                    and jobs.run_attempt = to_production.run_attempt
                )
            )
    )
