{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key=['scope_type', 'scope']
) }}

-- One row per thing that is measured: a service, a team, a repository or the organisation, with its days.
-- Those of a team begin when it first owned something, and go on.
with

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

observed as (

    select * from {{ ref('int_repositories__observed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

named as (

    select
        'service' as scope_type,
        services.service as scope,
        services.time_zone,
        coalesce(owners.time_zone, policy.time_zone) as first_time_zone,
        observed.observed_since
    from services
    cross join policy
    left join observed
        on services.repository_id = observed.repository_id
    left join owners
        on
            services.service = owners.service
            and {{ lies_in('observed.observed_since', 'owners') }}

    union all

    select
        'team' as scope_type,
        owners.team as scope,
        owners.time_zone,
        owners.time_zone as first_time_zone,
        min(case
            when observed.observed_since is not null then greatest(observed.observed_since, owners.starts_at)
        end) as observed_since
    from owners
    cross join policy
    inner join services
        on owners.service = services.service
    left join observed
        on services.repository_id = observed.repository_id
    where
        owners.team is not null
        and coalesce(owners.starts_at < policy.as_of_at, true)
        and coalesce(owners.ends_at > observed.observed_since, true)
    group by owners.team, owners.time_zone

    union all

    select
        'repository' as scope_type,
        repositories.repository as scope,
        policy.time_zone,
        policy.time_zone as first_time_zone,
        observed.observed_since
    from repositories
    cross join policy
    left join observed
        on repositories.repository_id = observed.repository_id

    union all

    select
        'organization' as scope_type,
        policy.organization as scope,
        policy.time_zone,
        policy.time_zone as first_time_zone,
        min(observed.observed_since) as observed_since
    from policy
    cross join observed
    group by policy.organization, policy.time_zone

)

-- The last day that had ended in the scope's own zone when the world was last known.
select
    named.scope_type,
    named.scope,
    named.time_zone,
    {{ local_date('named.observed_since', 'named.first_time_zone') }} as first_date,
    {{ local_date('policy.as_of_at', 'named.time_zone') }} - 1 as last_date
from named
cross join policy
