{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key=['service', 'pull_request_id']
) }}

-- One row per service and hotfix begun soon after a deployment of it: the deployment that it mends.
with

pull_requests as (

    select * from {{ ref('stg_github__pull_requests') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

deployments as not materialized (

    select * from {{ ref('int_deployments__collapsed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- A hotfix that was given up mends nothing.
hotfixes as (

    select pull_requests.*
    from pull_requests
    cross join policy
    where
        pull_requests.is_hotfix
        and pull_requests.created_at < policy.as_of_at
        and (
            pull_requests.state <> 'CLOSED'
            or pull_requests.closed_at >= policy.as_of_at
        )

)

select
    services.service,
    hotfixes.pull_request_id,
    'pull-request:' || hotfixes.pull_request_id as change_id,
    deployments.deployment_id,
    deployments.deployment_number,
    hotfixes.created_at - deployments.deployed_at <= policy.hotfix_window as is_within_window
from hotfixes
inner join services
    on hotfixes.repository_id = services.repository_id
cross join policy
cross join
    lateral (
        select
            candidates.deployment_id,
            candidates.deployment_number,
            candidates.deployed_at
        from deployments as candidates
        where
            candidates.service = services.service
            and candidates.deployed_at <= hotfixes.created_at
        order by candidates.deployed_at desc, candidates.deployment_number desc
        limit 1
    ) as deployments
where
    services.repository_services_count = 1
    or hotfixes.paths is null
    or cardinality(services.path_prefixes) = 0
    or exists (
        select 1
        from unnest(hotfixes.paths) as touched (path)
        cross join unnest(services.path_prefixes) as prefixes (prefix)
        where starts_with(touched.path, prefixes.prefix)
    )
