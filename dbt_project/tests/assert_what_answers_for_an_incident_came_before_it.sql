-- A row for each incident whose deployment had not begun, or does not exist.
with

incidents as (

    select * from {{ ref('fct_incidents') }}

),

deployments as (

    select * from {{ ref('fct_deployments') }}

)

select incidents.incident_id
from incidents
left join deployments
    on incidents.deployment_id = deployments.deployment_id
where
    incidents.deployment_id is not null
    and (deployments.deployment_id is null or deployments.started_at > incidents.opened_at)
