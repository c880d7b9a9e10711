-- One row per team that the policy names, in its own right or as the owner of a service, now or formerly.
with

teams as (

    select * from {{ ref('stg_policy__teams') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

github_teams as (

    select * from {{ ref('stg_github__teams') }}

),

members as (

    select * from {{ ref('stg_github__team_members') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

named as (

    select teams.team from teams
    union
    select services.team from services
    where services.team is not null
    union
    select owners.team from owners
    where owners.team is not null

),

members_by_slug as (

    select
        github_teams.github_slug,
        count(distinct members.user_id)::int as members_count
    from github_teams
    inner join members
        on github_teams.team_id = members.team_id
    left join accounts
        on members.user_id = accounts.user_id
    where not coalesce(accounts.is_bot, false)
    group by github_teams.github_slug

),

zones as (

    select distinct
        owners.team,
        owners.time_zone
    from owners

),

services_by_team as (

    select
        services.team,
        count(*)::int as services_count
    from services
    group by services.team

)

select
    named.team,
    coalesce(teams.github_slug, named.team) as github_slug,
    coalesce(zones.time_zone, teams.time_zone, policy.time_zone) as time_zone,
    coalesce(services_by_team.services_count, 0) as services_count,
    coalesce(members_by_slug.members_count, 0) as members_count,
    coalesce(services_by_team.services_count, 0) = 0 and zones.team is not null as is_former
from named
cross join policy
left join teams
    on named.team = teams.team
left join zones
    on named.team = zones.team
left join services_by_team
    on named.team = services_by_team.team
left join members_by_slug
    on coalesce(teams.github_slug, named.team) = members_by_slug.github_slug
