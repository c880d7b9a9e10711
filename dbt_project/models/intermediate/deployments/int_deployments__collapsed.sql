{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='deployment_id',
    also_logs={'numbers': {'keys': ['service', 'deployment_number']}},
    indexes=[
        {'columns': ['deployment_id'], 'unique': true},
        {'columns': ['service', 'deployment_number'], 'unique': true},
        {'columns': ['sha']},
    ]
) }}

-- One row per deployment: a successful attempt, unless the one before it had brought the same sha.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

successes as (

    select
        attempts.*,
        lag(attempts.sha) over environments as previous_sha,
        lag(attempts.attempt_id) over environments as previous_attempt_id
    from attempts
    where attempts.outcome = 'success'
    window environments as (
        partition by attempts.service, attempts.environment
        order by attempts.ended_at, attempts.started_at, attempts.source, attempts.source_id, attempts.attempt
    )

),

distinct_shas as (

    select *
    from successes
    where previous_attempt_id is null or sha is null or sha is distinct from previous_sha

),

numbered as (

    select
        distinct_shas.*,
        row_number() over (
            partition by distinct_shas.service
            order by
                distinct_shas.ended_at,
                distinct_shas.started_at,
                distinct_shas.environment,
                distinct_shas.source,
                distinct_shas.source_id,
                distinct_shas.attempt
        )::int as deployment_number
    from distinct_shas

),

debuts as (

    select
        numbered.service,
        numbered.environment,
        numbered.sha,
        min(numbered.deployment_number) as debut_number
    from numbered
    where numbered.sha is not null
    group by numbered.service, numbered.environment, numbered.sha

),

with_predecessors as (

    select
        numbered.*,
        debuts.debut_number,
        lag(debuts.debut_number) over environments as previous_debut_number,
        lag(numbered.attempt_id) over environments as previous_deployment_id
    from numbered
    left join debuts
        on
            numbered.service = debuts.service
            and numbered.environment = debuts.environment
            and numbered.sha = debuts.sha
    window environments as (
        partition by numbered.service, numbered.environment order by numbered.deployment_number
    )

)

-- Back to a sha that is older than the one it replaces is a rollback; forward again is not.
select
    with_predecessors.attempt_id as deployment_id,
    with_predecessors.service,
    with_predecessors.repository_id,
    with_predecessors.environment,
    with_predecessors.source,
    with_predecessors.source_id,
    with_predecessors.attempt,
    with_predecessors.sha,
    commits.commit_number,
    with_predecessors.started_at,
    with_predecessors.ended_at as deployed_at,
    with_predecessors.deployment_number,
    with_predecessors.previous_deployment_id,
    with_predecessors.deployment_number = 1 as is_first,
    coalesce(
        with_predecessors.debut_number < with_predecessors.deployment_number
        and with_predecessors.debut_number < with_predecessors.previous_debut_number,
        false
    ) as is_rollback,
    with_predecessors.actor_id,
    with_predecessors.is_assumed
from with_predecessors
left join commits
    on
        with_predecessors.repository_id = commits.repository_id
        and with_predecessors.sha = commits.oid
