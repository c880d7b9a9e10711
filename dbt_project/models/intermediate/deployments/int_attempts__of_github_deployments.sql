{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='source_id',
    raw={
        'github_deployments': "greatest((payload ->> 'created_at')::timestamptz, (
            select max((status ->> 'created_at')::timestamptz)
            from jsonb_array_elements(
                case when jsonb_typeof(payload -> 'statuses') = 'array' then payload -> 'statuses' else '[]' end
            ) as status
        ))",
        'github_workflow_runs': "(payload ->> 'updated_at')::timestamptz",
    },
    indexes=[{'columns': ['source_id'], 'unique': true}, {'columns': ['repository_id']}],
    pre_hook=dirty("
        with

        runs as (
            select
                (payload ->> 'repository_id')::bigint as repository_id,
                (payload ->> 'run_id')::bigint as workflow_run_id,
                payload ->> 'head_sha' as head_sha
            from {{ landed('github_workflow_runs') }} as landed
        )

        select natural_key, payload ->> 'deployment_id' as source_id
        from {{ landed('github_deployments') }} as landed
        union
        select deployments.natural_key, deployments.deployment_id::text
        from runs
        inner join {{ ref('stg_github__deployments') }} as deployments
            on runs.workflow_run_id = deployments.workflow_run_id and runs.repository_id = deployments.repository_id
        union
        select deployments.natural_key, deployments.deployment_id::text
        from runs
        inner join {{ ref('stg_github__deployments') }} as deployments
            on runs.head_sha = deployments.sha and runs.repository_id = deployments.repository_id
        union
        select deployments.natural_key, deployments.deployment_id::text
        from {{ changed('int_repositories__configured', ['repository_id bigint'], log='rules') }} as repositories
        inner join {{ ref('stg_github__deployments') }} as deployments
            on repositories.repository_id = deployments.repository_id
        union
        select null, this.source_id
        from {{ changed('int_repositories__configured', ['repository_id bigint'], log='rules') }} as repositories
        inner join {{ this }} as this
            on repositories.repository_id = this.repository_id
    ")
) }}

-- One row per GitHub deployment in a repository that deploys by them, with its outcome so far.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

deployments as (

    select * from {{ ref('stg_github__deployments') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

statuses as (

    select * from {{ ref('stg_github__deployment_statuses') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

runs as (

    select * from {{ ref('stg_github__workflow_runs') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

known as (

    select
        deployments.*,
        repositories.workflow_patterns,
        policy.as_of_at
    from deployments
    inner join repositories
        on deployments.repository_id = repositories.repository_id
    cross join policy
    where
        'github_deployment' = any(repositories.sources)
        and deployments.created_at < policy.as_of_at

),

-- A later sibling rewrites the state to INACTIVE, so only the history of statuses tells the outcome.
outcomes as (

    select
        statuses.deployment_id,
        min(statuses.created_at) filter (where statuses.state = 'SUCCESS') as succeeded_at,
        min(statuses.created_at) filter (where statuses.state in ('ERROR', 'FAILURE')) as failed_at
    from statuses
    cross join policy
    where statuses.created_at < policy.as_of_at
    group by statuses.deployment_id

),

candidate_runs as (

    select
        known.deployment_id,
        runs.workflow_run_id,
        runs.run_attempt,
        runs.workflow_name,
        runs.workflow_path,
        runs.conclusion,
        runs.updated_at,
        1 as match_position,
        runs.started_at > known.created_at as is_later,
        runs.started_at
    from known
    inner join runs
        on
            known.repository_id = runs.repository_id
            and known.workflow_run_id = runs.workflow_run_id

    union all

    select
        known.deployment_id,
        runs.workflow_run_id,
        runs.run_attempt,
        runs.workflow_name,
        runs.workflow_path,
        runs.conclusion,
        runs.updated_at,
        2 as match_position,
        false as is_later,
        runs.started_at
    from known
    inner join runs
        on
            known.repository_id = runs.repository_id
            and known.sha = runs.head_sha
            and known.created_at between runs.started_at and runs.updated_at
    where
        known.workflow_run_id is null
        and {{ matches_any('runs.workflow_name', 'known.workflow_patterns') }}

),

-- The attempt of the run that was under way when the deployment was made.
linked_runs as (

    select distinct on (candidate_runs.deployment_id)
        candidate_runs.deployment_id,
        candidate_runs.workflow_run_id,
        candidate_runs.run_attempt,
        candidate_runs.workflow_name,
        candidate_runs.workflow_path,
        candidate_runs.conclusion,
        candidate_runs.updated_at
    from candidate_runs
    order by
        candidate_runs.deployment_id asc,
        candidate_runs.match_position asc,
        candidate_runs.is_later asc,
        candidate_runs.started_at desc,
        candidate_runs.run_attempt desc

)

select
    known.repository_id,
    known.environment,
    'github_deployment' as source,
    known.deployment_id::text as source_id,
    1 as attempt,
    known.sha,
    linked_runs.workflow_run_id,
    linked_runs.run_attempt,
    linked_runs.workflow_name,
    linked_runs.workflow_path,
    known.created_at as started_at,
    case
        when outcomes.succeeded_at is not null then outcomes.succeeded_at
        when linked_runs.conclusion = 'cancelled' and linked_runs.updated_at < known.as_of_at
            then coalesce(outcomes.failed_at, linked_runs.updated_at)
        else outcomes.failed_at
    end as ended_at,
    case
        when outcomes.succeeded_at is not null then 'success'
        when linked_runs.conclusion = 'cancelled' and linked_runs.updated_at < known.as_of_at then 'cancelled'
        when outcomes.failed_at is not null then 'failure'
        else 'in_progress'
    end as outcome,
    known.creator_id as actor_id
from known
left join outcomes
    on known.deployment_id = outcomes.deployment_id
left join linked_runs
    on known.deployment_id = linked_runs.deployment_id
