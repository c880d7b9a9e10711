{{ config(alias='space_efficiency', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per team that is large enough and ISO week that has ended, with the mean of its persons; no row is a person.
with

figures as (

    select * from {{ source('published', 'space_figures') }}

)

select
    null::uuid as user_id,
    figures.period_start as week_start,
    max(figures.value) filter (where figures.figure = 'focus_hours') as focus_hours,
    max(figures.value) filter (where figures.figure = 'meeting_hours') as meeting_hours,
    max(figures.value) filter (where figures.figure = 'context_switches') as context_switches,
    max(figures.value) filter (where figures.figure = 'deep_work_pct') as deep_work_pct,
    figures.scope as team,
    max(figures.n) as n,
    case when count(figures.value) > 0 then 'ok' else 'suppressed' end as status
from figures
where
    figures.dimension = 'efficiency'
    and figures.scope_type = 'team'
group by figures.scope, figures.period_start
