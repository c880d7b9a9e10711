{{ config(indexes=[{'columns': ['user_id']}]) }}

-- One row per person and stretch of taking part in SPACE, with the zone of the person's days. Machines are left out.
with

participants as (

    select * from {{ ref('stg_people__participants') }}

),

settings as (

    select * from {{ ref('stg_people__settings') }}

),

members as (

    select * from {{ ref('int_team_members__known') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- Two accounts of one person may have opted in on different days.
stretches as (

    select
        participants.user_id,
        unnest(range_agg(tstzrange(participants.started_at, participants.ended_at))) as stretch
    from participants
    group by participants.user_id

),

team_zones as (

    select
        members.user_id,
        min(members.time_zone) as time_zone
    from members
    where members.ends_at is null
    group by members.user_id
    having count(distinct members.time_zone) = 1

)

select
    stretches.user_id,
    lower(stretches.stretch) as starts_at,
    upper(stretches.stretch) as ends_at,
    coalesce(settings.time_zone, team_zones.time_zone, policy.time_zone) as time_zone
from stretches
cross join policy
left join settings
    on stretches.user_id = settings.user_id
left join team_zones
    on stretches.user_id = team_zones.user_id
left join accounts
    on stretches.user_id = accounts.user_id
where
    lower(stretches.stretch) < policy.as_of_at
    and not coalesce(accounts.is_bot, false)
