-- One row per answer that counts: the latest of a person and quarter. Its text is not here; nothing here can read it.
with

answers as (

    select *
    from {{ source('raw', 'survey_answers') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    answers.natural_key as answer_key,
    answers.payload ->> 'survey' as survey,
    coalesce(people.canonical_user_id, (answers.payload ->> 'survey_user_id')::uuid) as survey_user_id,
    (answers.payload ->> 'survey_date')::date as survey_date,
    answers.payload ->> 'quarter' as quarter,
    make_date(
        left(answers.payload ->> 'quarter', 4)::int, right(answers.payload ->> 'quarter', 1)::int * 3 - 2, 1
    ) as quarter_date,
    (answers.payload ->> 'nps_score')::int as nps_score,
    (answers.payload ->> 'satisfaction_score')::int as satisfaction_score,
    answers.source_updated_at as submitted_at,
    answers.observed_at
from answers
left join people
    on (answers.payload ->> 'survey_user_id')::uuid = people.user_id
