{{ config(materialized='view', post_hook=[]) }}

-- The figures are written by loops, whose indentation the linter takes for that of the SQL.
-- noqa: disable=LT02

-- One row per candidate figure and person that is in it: whose values it is made of, for the gate to audit.
with

placed as (

    select * from {{ ref('int_participants__placed') }}

),

weeks as (

    select * from {{ ref('fct_person_weeks') }}

),

respondents as (

    select * from {{ ref('int_respondents__placed') }}

)

select
    figures.figure,
    placed.scope_type,
    placed.scope,
    placed.week_start as period_start,
    placed.user_id,
    figures.weight > 0 as contributes
from placed
inner join weeks
    on
        placed.user_id = weeks.user_id
        and placed.week_start = weeks.week_start
cross join lateral (
    values
    {%- for figure in week_figures() %}
        ('{{ figure.name }}', {{ figure_weight(figure, 'weeks') }}){{ ',' if not loop.last }}
    {%- endfor %}
) as figures (figure, weight)
where figures.weight is not null
{% for figure in quarter_figures() %}
    union all
    select
        '{{ figure.name }}' as figure,
        respondents.scope_type,
        respondents.scope,
        respondents.quarter_date as period_start,
        respondents.user_id,
        {{ figure.counts }} as contributes
    from respondents
    where {{ figure.is_member }}
{% endfor %}
