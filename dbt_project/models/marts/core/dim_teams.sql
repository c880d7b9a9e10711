-- One row per team that the policy names, in its own right or as the owner of a service.
with

teams as (

    select * from {{ ref('stg_policy__teams') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

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
    coalesce(teams.time_zone, policy.time_zone) as time_zone,
    coalesce(services_by_team.services_count, 0) as services_count,
    coalesce(members_by_slug.members_count, 0) as members_count
from named
cross join policy
left join teams
    on named.team = teams.team
left join services_by_team
    on named.team = services_by_team.team
left join members_by_slug
    on coalesce(teams.github_slug, named.team) = members_by_slug.github_slug
