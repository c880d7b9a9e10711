{{ config(indexes=[{'columns': ['commit_number', 'service_number'], 'unique': true}]) }}

-- One row per service and commit that was itself deployed, with the first deployment of it.
with

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

numbered_services as (

    select
        deployments.*,
        dense_rank() over (order by deployments.service)::int as service_number
    from deployments

)

select
    service_number,
    service,
    commit_number,
    min(deployment_number) as deployment_number
from numbered_services
where commit_number is not null
group by service_number, service, commit_number
