{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='incident_id',
    on_schema_change='fail',
    indexes=[{'columns': ['incident_id'], 'unique': true}, {'columns': ['deployment_id']}, {'columns': ['service']}]
) }}

-- One row per incident, with the deployment that is held responsible, if any.
with

incidents as (

    select * from {{ ref('int_incidents__judged') }}

),

linked as (

    select * from {{ ref('int_incidents__linked') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

)

select
    incidents.incident_id,
    incidents.source,
    coalesce(services.repository, repositories.repository) as repository,
    case when incidents.source = 'github' then repositories.repository end as issue_repository,
    incidents.issue_number,
    incidents.url,
    incidents.title,
    incidents.service,
    incidents.told_service,
    owners.team,
    incidents.severity,
    incidents.opened_at,
    incidents.acknowledged_at,
    incidents.resolved_at,
    incidents.reopened_count,
    case when incidents.resolved_at is null then 'open' else 'closed' end as status,
    incidents.is_excluded,
    incidents.is_external,
    {{ hours_between('incidents.opened_at', 'incidents.resolved_at') }} as time_to_resolve_hours,
    linked.deployment_id,
    linked.link_method,
    linked.link_confidence
from incidents
left join repositories
    on incidents.repository_id = repositories.repository_id
left join services
    on incidents.service = services.service
left join owners
    on
        incidents.service = owners.service
        and {{ lies_in('incidents.opened_at', 'owners') }}
left join linked
    on incidents.incident_id = linked.incident_id
