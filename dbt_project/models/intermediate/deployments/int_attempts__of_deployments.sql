{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='attempt_id',
    indexes=[{'columns': ['attempt_id']}, {'columns': ['source', 'source_id']}],
    pre_hook=dirty(since_first_change("
        select service, ended_at
        from {{ changed('int_attempts__by_service', ['service', 'ended_at timestamptz'], log='times') }} as attempts
        union all
        select service, deployed_at
        from {{ changed('int_deployments__collapsed', ['service', 'deployed_at timestamptz'], log='times') }} as deployments
    ", 'attempt_id', 'ended_at'))
) }}

-- One row per successful attempt and the deployment that it is, or repeats.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}
    {% if goes_on() %}
        where service in (select dirty_keys.service from dirty_keys)
    {% endif %}

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}
    {% if goes_on() %}
        where service in (select dirty_keys.service from dirty_keys)
    {% endif %}

),

runs_of_one_sha as (

    select
        attempts.attempt_id,
        attempts.service,
        attempts.source,
        attempts.source_id,
        attempts.sha,
        attempts.ended_at,
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

),

told as (

    select
        runs_of_one_sha.attempt_id,
        runs_of_one_sha.service,
        runs_of_one_sha.source,
        runs_of_one_sha.source_id,
        runs_of_one_sha.ended_at,
        first_value(runs_of_one_sha.deployment_id) over (
            partition by
                runs_of_one_sha.service, runs_of_one_sha.environment, runs_of_one_sha.deployment_position
            order by runs_of_one_sha.deployment_id nulls last
        ) as deployment_id
    from runs_of_one_sha

)

select *
from told
{% if goes_on() %}
    where attempt_id in (select dirty_keys.attempt_id from dirty_keys)
{% endif %}
