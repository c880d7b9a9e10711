{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='deployment_id',
    on_schema_change='fail',
    indexes=[{'columns': ['deployment_id'], 'unique': true}, {'columns': ['service']}],
    pre_hook=dirty("
        with

        services as (
            select service from {{ changed('int_services__resolved', ['service']) }} as services
            union
            select service from {{ changed('int_services__owned', ['service']) }} as owners
        )

        select deployment_id from {{ changed('int_deployments__collapsed', ['deployment_id']) }} as deployments
        union
        select deployment_id from {{ changed('fct_changes', ['deployment_id'], log='deployments') }} as changes
        union
        select deployment_id from {{ changed('int_deployments__failed', ['deployment_id']) }} as failed
        union
        select deployment_id from {{ changed('int_deployments__unplanned', ['deployment_id']) }} as unplanned
        union
        select deployments.deployment_id
        from services
        inner join {{ ref('int_deployments__collapsed') }} as deployments
            on services.service = deployments.service
        union
        select this.deployment_id
        from services
        inner join {{ this }} as this
            on services.service = this.service
    ")
) }}

-- One row per deployment to production: what it shipped, whether it failed, when it recovered.
with

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}
    {% if goes_on() %}
        where {{ is_dirty('deployment_id') }}
    {% endif %}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

changes as (

    select * from {{ ref('fct_changes') }}

),

failed as (

    select * from {{ ref('int_deployments__failed') }}

),

unplanned as (

    select * from {{ ref('int_deployments__unplanned') }}

),

changes_by_deployment as (

    select
        changes.deployment_id,
        count(*) filter (where not changes.is_bot)::int as changes_count,
        count(*) filter (where changes.is_bot)::int as bot_changes_count,
        percentile_cont(0.5) within group (order by changes.lead_time_hours)
        filter (where not changes.is_bot) as lead_time_hours_p50
    from changes
    where
        changes.deployment_id is not null
        {% if goes_on() %}
            and {{ is_dirty('changes.deployment_id') }}
        {% endif %}
    group by changes.deployment_id

)

select
    deployments.deployment_id,
    deployments.service,
    services.repository,
    owners.team,
    deployments.environment,
    deployments.source,
    deployments.source_id,
    deployments.attempt,
    deployments.sha,
    deployments.started_at,
    deployments.deployed_at,
    deployments.deployment_number,
    deployments.previous_deployment_id,
    deployments.is_first,
    deployments.is_rollback,
    deployments.is_assumed,
    case when deployments.commit_number is null then 'time' else 'ancestry' end as containment_method,
    coalesce(changes_by_deployment.changes_count, 0) as changes_count,
    coalesce(changes_by_deployment.bot_changes_count, 0) as bot_changes_count,
    changes_by_deployment.lead_time_hours_p50,
    failed.deployment_id is not null as is_failed,
    failed.failure_method,
    failed.failure_confidence,
    coalesce(failed.incidents_count, 0) as incidents_count,
    failed.mending_deployment_id,
    failed.recovered_at,
    {{ hours_between('deployments.deployed_at', 'failed.recovered_at') }} as recovery_time_hours,
    unplanned.deployment_id is not null as is_unplanned,
    unplanned.reasons as unplanned_reasons
from deployments
inner join services
    on deployments.service = services.service
left join owners
    on
        deployments.service = owners.service
        and {{ lies_in('deployments.deployed_at', 'owners') }}
left join changes_by_deployment
    on deployments.deployment_id = changes_by_deployment.deployment_id
left join failed
    on deployments.deployment_id = failed.deployment_id
left join unplanned
    on deployments.deployment_id = unplanned.deployment_id
