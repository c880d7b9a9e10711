{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='service',
    also_logs={'repositories': {'keys': ['repository_id']}}
) }}

-- One row per service: those that the policy names, and one for each repository that it gives none.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

declared as (

    select * from {{ ref('stg_policy__services') }}

),

teams as (

    select * from {{ ref('stg_policy__teams') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

named as (

    select
        declared.service,
        repositories.repository_id,
        declared.team,
        declared.environment_patterns,
        declared.workflow_patterns,
        declared.job_patterns,
        declared.tag_patterns,
        declared.path_prefixes,
        true as is_declared
    from declared
    inner join repositories
        on lower(declared.repository) = lower(repositories.repository)

),

-- A repository whose name is another repository's service keeps apart from it.
unnamed as (

    select
        case
            when repositories.repository in (select declared.service from declared)
                then repositories.repository || '-repository'
            else repositories.repository
        end as service,
        repositories.repository_id,
        null::text as team,
        '{}'::text[] as environment_patterns,
        '{}'::text[] as workflow_patterns,
        '{}'::text[] as job_patterns,
        '{}'::text[] as tag_patterns,
        '{}'::text[] as path_prefixes,
        false as is_declared
    from repositories
    where repositories.repository_id not in (select named.repository_id from named)

),

services as (

    select * from named
    union all
    select * from unnamed

)

select
    services.service,
    services.repository_id,
    repositories.repository,
    services.team,
    coalesce(teams.time_zone, policy.time_zone) as time_zone,
    services.environment_patterns,
    services.workflow_patterns,
    services.job_patterns,
    services.tag_patterns,
    services.path_prefixes,
    services.is_declared,
    count(*) over (partition by services.repository_id)::int as repository_services_count
from services
inner join repositories
    on services.repository_id = repositories.repository_id
cross join policy
left join teams
    on services.team = teams.team
