{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='attempt_id',
    on_schema_change='fail',
    indexes=[
        {'columns': ['attempt_id'], 'unique': true},
        {'columns': ['source', 'source_id']},
        {'columns': ['service']},
    ],
    pre_hook=dirty("
        with

        sources as (
            select source, source_id
            from {{ changed('int_attempts__by_service', ['source', 'source_id']) }} as attempts
        ),

        services as (
            select service from {{ changed('int_services__resolved', ['service']) }} as services
            union
            select service from {{ changed('int_services__owned', ['service']) }} as owners
        )

        select attempt_id from {{ changed('int_attempts__of_deployments', ['attempt_id']) }} as deployments
        union
        select attempts.attempt_id
        from sources
        inner join {{ ref('int_attempts__by_service') }} as attempts
            on sources.source = attempts.source and sources.source_id = attempts.source_id
        union
        select this.attempt_id
        from sources
        inner join {{ this }} as this
            on sources.source = this.source and sources.source_id = this.source_id
        union
        select attempts.attempt_id
        from services
        inner join {{ ref('int_attempts__by_service') }} as attempts
            on services.service = attempts.service
        union
        select this.attempt_id
        from services
        inner join {{ this }} as this
            on services.service = this.service
    ")
) }}

-- One row per service, environment and try to deploy it to production, with its outcome.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}
    {% if goes_on() %}
        where {{ is_dirty('attempt_id') }}
    {% endif %}

),

attempt_deployments as (

    select * from {{ ref('int_attempts__of_deployments') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

)

select
    attempts.attempt_id,
    attempts.service,
    services.repository,
    owners.team,
    attempts.environment,
    attempts.source,
    attempts.source_id,
    attempts.attempt,
    attempts.sha,
    attempts.started_at,
    attempts.ended_at,
    attempts.outcome,
    attempt_deployments.deployment_id,
    coalesce(attempts.attempt_id = attempt_deployments.deployment_id, false) as is_deployment
from attempts
inner join services
    on attempts.service = services.service
left join owners
    on
        attempts.service = owners.service
        and {{ lies_in('coalesce(attempts.ended_at, attempts.started_at)', 'owners') }}
left join attempt_deployments
    on attempts.attempt_id = attempt_deployments.attempt_id
