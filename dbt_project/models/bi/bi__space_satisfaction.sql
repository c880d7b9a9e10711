{{ config(alias='space_satisfaction', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per team that is large enough and quarter that has ended; no row is a person.
with

figures as (

    select * from {{ source('published', 'space_figures') }}

)

select
    null::uuid as user_id,
    figures.period_end - 1 as survey_date,
    null::integer as nps_score,
    max(figures.value) filter (where figures.figure = 'satisfaction_score') as satisfaction_score,
    figures.scope as team,
    max(figures.value) filter (where figures.figure = 'nps_points') as nps_points,
    max(figures.value) filter (where figures.figure = 'response_rate_pct') as response_rate_pct,
    figures.period_start as quarter_date,
    max(figures.n) as n,
    case when count(figures.value) > 0 then 'ok' else 'suppressed' end as status
from figures
where
    figures.dimension = 'satisfaction'
    and figures.scope_type = 'team'
group by figures.scope, figures.period_start, figures.period_end
