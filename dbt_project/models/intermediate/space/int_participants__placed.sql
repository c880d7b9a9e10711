{{ config(indexes=[{'columns': ['week_start']}, {'columns': ['user_id', 'week_start']}]) }}

-- One row per participant, ISO week that has ended, and group that the person's figures of it count in: the
-- organisation, and each team that the person was in when the week ended.
with

participants as (

    select * from {{ ref('int_participants__zoned') }}

),

members as (

    select * from {{ ref('int_team_members__known') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

weeks as (

    select distinct
        participants.user_id,
        generate_series(
            greatest(
                date_trunc('week', participants.starts_at at time zone participants.time_zone),
                policy.persons_since_date
            ),
            least(participants.ends_at, policy.as_of_at) at time zone participants.time_zone,
            '7 days'
        )::date as week_start
    from participants
    cross join policy

),

-- A week has ended when it has in the zone of whoever sees it end last.
last_weeks as (

    select min(date_trunc('week', policy.as_of_at at time zone participants.time_zone))::date - 7 as week_start
    from participants
    cross join policy

),

ended as (

    select
        weeks.user_id,
        weeks.week_start,
        (weeks.week_start + 7)::timestamp at time zone policy.time_zone - interval '1 second' as last_moment
    from weeks
    inner join last_weeks
        on weeks.week_start <= last_weeks.week_start
    cross join policy

)

select
    ended.user_id,
    ended.week_start,
    'organization' as scope_type,
    policy.organization as scope
from ended
cross join policy
union all
select distinct
    ended.user_id,
    ended.week_start,
    'team' as scope_type,
    members.team as scope
from ended
inner join members
    on
        ended.user_id = members.user_id
        and {{ lies_in('ended.last_moment', 'members') }}
