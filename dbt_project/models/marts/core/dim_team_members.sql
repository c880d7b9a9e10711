-- One row per team of GitHub, person in it and stretch of time. Machines are left out.
-- GitHub tells who is in a team now, not since when: who was in it when it was first read counts since ever.
with

members as (

    select * from {{ ref('int_team_members__dated') }}

),

github_teams as (

    select * from {{ ref('stg_github__teams') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

)

select
    members.team_id,
    github_teams.github_slug,
    teams.team,
    members.user_id,
    members.starts_at as valid_from,
    members.ends_at as valid_to,
    members.starts_at is null as is_valid_from_assumed
from members
left join github_teams
    on members.team_id = github_teams.team_id
left join teams
    on github_teams.github_slug = teams.github_slug
