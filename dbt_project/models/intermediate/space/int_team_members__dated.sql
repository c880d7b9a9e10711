-- One row per team of GitHub, person in it and stretch of time. Machines are left out.
-- GitHub tells who is in a team now, not since when: who was in it when it was first read counts since ever.
with

versions as (

    select * from {{ ref('stg_github__team_member_versions') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

first_runs as (

    select distinct on (versions.team_id)
        versions.team_id,
        versions.run_id
    from versions
    order by versions.team_id, versions.version_id

),

-- Two accounts of one person, or a change of role, are one stretch where they touch.
stretches as (

    select
        versions.team_id,
        versions.user_id,
        range_agg(tstzrange(
            case when versions.run_id is distinct from first_runs.run_id then versions.observed_at end,
            versions.replaced_at
        )) as periods
    from versions
    left join first_runs
        on versions.team_id = first_runs.team_id
    left join accounts
        on versions.user_id = accounts.user_id
    where
        versions.is_member
        and not coalesce(accounts.is_bot, false)
    group by versions.team_id, versions.user_id

),

periods as (

    select
        stretches.team_id,
        stretches.user_id,
        unnest(stretches.periods) as period
    from stretches

)

select
    periods.team_id,
    periods.user_id,
    lower(periods.period) as starts_at,
    upper(periods.period) as ends_at
from periods
