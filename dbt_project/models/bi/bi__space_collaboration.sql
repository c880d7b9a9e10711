{{ config(alias='space_collaboration', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per team that is large enough and ISO week that has ended; no row is a person.
with

figures as (

    select * from {{ source('published', 'space_figures') }}

)

select
    null::uuid as user_id,
    figures.period_start as week_start,
    max(figures.value) filter (where figures.figure = 'cross_team_prs')::bigint as cross_team_prs,
    max(figures.value) filter (where figures.figure = 'pr_comments')::bigint as pr_comments,
    max(figures.value) filter (where figures.figure = 'code_reviews_given')::bigint as code_reviews_given,
    max(figures.value) filter (where figures.figure = 'async_communication_score') as async_communication_score,
    max(figures.value) filter (where figures.figure = 'review_depth') as review_depth,
    max(figures.value) filter (where figures.figure = 'rework_cycles')::bigint as rework_cycles,
    figures.scope as team,
    max(figures.n) as n,
    case when count(figures.value) > 0 then 'ok' else 'suppressed' end as status
from figures
where
    figures.dimension = 'collaboration'
    and figures.scope_type = 'team'
group by figures.scope, figures.period_start
