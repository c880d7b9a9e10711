-- One row per team, person in it and stretch of time, as far as anybody says: GitHub's teams that the policy names, and
-- the directory where GitHub puts a person into none of those.
with

members as (

    select * from {{ ref('int_team_members__dated') }}

),

github_teams as (

    select * from {{ ref('stg_github__teams') }}

),

policy_teams as (

    select * from {{ ref('stg_policy__teams') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

settings as (

    select * from {{ ref('stg_people__settings') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

named as (

    select policy_teams.team from policy_teams
    union
    select owners.team from owners
    where owners.team is not null

),

teams as (

    select
        named.team,
        coalesce(policy_teams.github_slug, named.team) as github_slug,
        coalesce(policy_teams.time_zone, policy.time_zone) as time_zone
    from named
    cross join policy
    left join policy_teams
        on named.team = policy_teams.team

),

of_github as (

    select
        teams.team,
        members.user_id,
        members.starts_at,
        members.ends_at,
        teams.time_zone
    from members
    inner join github_teams
        on members.team_id = github_teams.team_id
    inner join teams
        on github_teams.github_slug = teams.github_slug

)

select * from of_github
union all
select
    teams.team,
    settings.user_id,
    null::timestamptz as starts_at,
    null::timestamptz as ends_at,
    teams.time_zone
from settings
inner join teams
    on settings.team = teams.team
where settings.user_id not in (select of_github.user_id from of_github)
