-- One row per service: what is deployed and measured as one thing.
with

services as (

    select * from {{ ref('int_services__resolved') }}

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

deployments_by_service as (

    select
        deployments.service,
        min(deployments.deployed_at) as first_deployed_at,
        max(deployments.deployed_at) as last_deployed_at,
        bool_or(deployments.is_assumed) as is_deployment_assumed
    from deployments
    group by deployments.service

)

select
    services.service,
    services.repository,
    services.team,
    services.time_zone,
    services.environment_patterns,
    services.path_prefixes,
    services.is_declared,
    coalesce(deployments_by_service.is_deployment_assumed, false) as is_deployment_assumed,
    deployments_by_service.first_deployed_at,
    deployments_by_service.last_deployed_at
from services
left join deployments_by_service
    on services.service = deployments_by_service.service
