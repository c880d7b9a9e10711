-- One row per person and quarter that was asked.
with

invitations as (

    select * from {{ source('raw', 'survey_invitations') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    invitations.survey,
    coalesce(people.canonical_user_id, invitations.survey_user_id) as survey_user_id,
    invitations.quarter,
    make_date(left(invitations.quarter, 4)::int, right(invitations.quarter, 1)::int * 3 - 2, 1) as quarter_date,
    invitations.channel,
    invitations.invited_at,
    invitations.reminded_at,
    invitations.closes_at
from invitations
left join people
    on invitations.survey_user_id = people.user_id
