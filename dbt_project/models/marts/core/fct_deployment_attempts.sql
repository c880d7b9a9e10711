-- One row per service, environment and try to deploy it to production, with its outcome.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}

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
