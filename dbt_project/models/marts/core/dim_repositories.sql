-- One row per repository.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

observed as (

    select * from {{ ref('int_repositories__observed') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

services_by_repository as (

    select
        services.repository_id,
        count(*)::int as services_count
    from services
    group by services.repository_id

)

select
    repositories.repository_id,
    repositories.repository,
    repositories.name_with_owner,
    repositories.default_branch,
    repositories.is_archived,
    repositories.is_gone,
    repositories.sources as deployment_sources,
    coalesce(services_by_repository.services_count, 0) as services_count,
    repositories.created_at,
    observed.observed_since
from repositories
left join observed
    on repositories.repository_id = observed.repository_id
left join services_by_repository
    on repositories.repository_id = services_by_repository.repository_id
