{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='attempt_id',
    indexes=[{'columns': ['attempt_id']}, {'columns': ['source', 'source_id']}]
) }}

-- One row per successful attempt and the deployment that it is, or repeats.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

runs_of_one_sha as (

    select
        attempts.attempt_id,
        attempts.service,
        attempts.source,
        attempts.source_id,
        attempts.sha,
        deployments.deployment_id,
        count(deployments.deployment_id) over (
            partition by attempts.service, attempts.environment
            order by attempts.ended_at, attempts.started_at, attempts.source, attempts.source_id, attempts.attempt
        ) as deployment_position,
        attempts.environment
    from attempts
    left join deployments
        on attempts.attempt_id = deployments.deployment_id
    where attempts.outcome = 'success'

)

select
    attempt_id,
    service,
    source,
    source_id,
    first_value(deployment_id) over (
        partition by service, environment, deployment_position
        order by deployment_id nulls last
    ) as deployment_id
from runs_of_one_sha
