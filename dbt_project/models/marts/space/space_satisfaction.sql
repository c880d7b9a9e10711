-- One row per answer that counts: the latest of a person, survey and quarter.
with

answers as (

    select * from {{ ref('stg_surveys__answers') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

select
    answers.survey_user_id as user_id,
    answers.survey_date,
    answers.nps_score,
    answers.satisfaction_score,
    answers.survey,
    answers.quarter_date,
    answers.answer_key
from answers
cross join policy
where answers.survey_date <= policy.as_of_date
