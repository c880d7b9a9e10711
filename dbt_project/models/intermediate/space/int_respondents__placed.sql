-- One row per person and quarter that was asked or answered, and group that counts it: the organisation, and each team
-- that the person was in when the quarter ended. Which account answered as whom is read here and kept nowhere.
with

answers as (

    select * from {{ ref('stg_surveys__answers') }}

),

invitations as (

    select * from {{ ref('stg_surveys__invitations') }}

),

participants as (

    select * from {{ ref('stg_people__participants') }}

),

members as (

    select * from {{ ref('int_team_members__known') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- Of several surveys in one quarter, the answer of the latest day counts.
answered as (

    select distinct on (answers.survey_user_id, answers.quarter_date)
        answers.survey_user_id as user_id,
        answers.quarter_date,
        answers.nps_score,
        answers.satisfaction_score
    from answers
    cross join policy
    where answers.survey_date <= policy.as_of_date
    order by answers.survey_user_id asc, answers.quarter_date asc, answers.survey_date desc, answers.answer_key asc

),

invited as (

    select distinct
        invitations.survey_user_id as user_id,
        invitations.quarter_date
    from invitations

),

asked as (

    select
        answered.user_id,
        answered.quarter_date
    from answered
    union
    select
        invited.user_id,
        invited.quarter_date
    from invited

),

counted as (

    select
        asked.user_id,
        asked.quarter_date,
        (asked.quarter_date + interval '3 months')::timestamp at time zone policy.time_zone as ended_at,
        (asked.quarter_date + interval '3 months')::timestamp at time zone policy.time_zone
        - interval '1 second' as last_moment,
        answered.nps_score,
        answered.satisfaction_score,
        answered.user_id is not null as has_answered,
        invited.user_id is not null as was_invited
    from asked
    cross join policy
    left join invited
        on
            asked.user_id = invited.user_id
            and asked.quarter_date = invited.quarter_date
    left join answered
        on
            asked.user_id = answered.user_id
            and asked.quarter_date = answered.quarter_date

),

ended as (

    select counted.*
    from counted
    cross join policy
    where counted.ended_at <= policy.as_of_at

),

teams as (

    select distinct
        ended.user_id,
        ended.quarter_date,
        members.team
    from ended
    inner join participants
        on ended.user_id = participants.survey_user_id
    inner join members
        on
            participants.user_id = members.user_id
            and {{ lies_in('ended.last_moment', 'members') }}

)

select
    ended.user_id,
    ended.quarter_date,
    'organization' as scope_type,
    policy.organization as scope,
    ended.nps_score,
    ended.satisfaction_score,
    ended.has_answered,
    ended.was_invited
from ended
cross join policy
union all
select
    ended.user_id,
    ended.quarter_date,
    'team' as scope_type,
    teams.team as scope,
    ended.nps_score,
    ended.satisfaction_score,
    ended.has_answered,
    ended.was_invited
from ended
inner join teams
    on
        ended.user_id = teams.user_id
        and ended.quarter_date = teams.quarter_date
