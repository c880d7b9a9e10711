-- One row per person and period of taking part in SPACE, under the person's lasting pseudonym.
with

participants as (

    select * from {{ source('raw', 'participants') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    coalesce(people.canonical_user_id, participants.user_id) as user_id,
    participants.started_at,
    participants.ended_at,
    coalesce(same.canonical_user_id, participants.survey_user_id) as survey_user_id,
    participants.text_version,
    participants.channel
from participants
left join people
    on participants.user_id = people.user_id
left join people as same
    on participants.survey_user_id = same.user_id
