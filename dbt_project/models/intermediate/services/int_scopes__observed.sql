-- One row per thing that is measured: a service, a team, a repository or the organisation, with its days.
with

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

observed as (

    select * from {{ ref('int_repositories__observed') }}

),

teams as (

    select * from {{ ref('stg_policy__teams') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

named as (

    select
        'service' as scope_type,
        services.service as scope,
        services.time_zone,
        observed.observed_since
    from services
    left join observed
        on services.repository_id = observed.repository_id

    union all

    select
        'team' as scope_type,
        services.team as scope,
        coalesce(teams.time_zone, policy.time_zone) as time_zone,
        min(observed.observed_since) as observed_since
    from services
    cross join policy
    left join teams
        on services.team = teams.team
    left join observed
        on services.repository_id = observed.repository_id
    where services.team is not null
    group by services.team, coalesce(teams.time_zone, policy.time_zone)

    union all

    select
        'repository' as scope_type,
        repositories.repository as scope,
        policy.time_zone,
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
    {{ local_date('named.observed_since', 'named.time_zone') }} as first_date,
    {{ local_date('policy.as_of_at', 'named.time_zone') }} - 1 as last_date
from named
cross join policy
