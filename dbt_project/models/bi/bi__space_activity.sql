{{ config(alias='space_activity', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per team that is large enough and ISO week that has ended, dated with its Monday; no row is a person.
with

figures as (

    select * from {{ source('published', 'space_figures') }}

)

select
    null::uuid as user_id,
    figures.period_start as date,
    max(figures.value) filter (where figures.figure = 'commits_count')::bigint as commits_count,
    max(figures.value) filter (where figures.figure = 'prs_created')::bigint as prs_created,
    max(figures.value) filter (where figures.figure = 'prs_reviewed')::bigint as prs_reviewed,
    max(figures.value) filter (where figures.figure = 'code_additions')::bigint as code_additions,
    max(figures.value) filter (where figures.figure = 'code_deletions')::bigint as code_deletions,
    figures.scope as team,
    figures.period_start as week_start,
    max(figures.n) as n,
    case when count(figures.value) > 0 then 'ok' else 'suppressed' end as status
from figures
where
    figures.dimension = 'activity'
    and figures.scope_type = 'team'
group by figures.scope, figures.period_start
