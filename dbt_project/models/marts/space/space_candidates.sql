-- The figures are written by loops, whose indentation the linter takes for that of the SQL.
-- noqa: disable=LT02

-- One row per figure about persons, group and period that has ended: what could be published, before the gate decides.
-- For the pipeline's own roles. What was let through is in published.space_figures.
with

placed as (

    select * from {{ ref('int_participants__placed') }}

),

weeks as (

    select * from {{ ref('fct_person_weeks') }}

),

respondents as (

    select * from {{ ref('int_respondents__placed') }}

),

catalog as (

    select * from {{ ref('space_catalog') }}

),

by_week as (

    select
        placed.scope_type,
        placed.scope,
        placed.week_start,
        {% for figure in week_figures() -%}
            sum({{ figure_numerator(figure, 'weeks') }}) as {{ figure.name }}_sum,
            sum({{ figure_weight(figure, 'weeks') }}) as {{ figure.name }}_weight,
            max({{ figure_weight(figure, 'weeks') }}) as {{ figure.name }}_largest,
            count({{ figure_weight(figure, 'weeks') }}) as {{ figure.name }}_members,
            count(*) filter (where {{ figure_weight(figure, 'weeks') }} > 0)
                as {{ figure.name }}_n{{ ',' if not loop.last }}
        {% endfor %}
    from placed
    inner join weeks
        on
            placed.user_id = weeks.user_id
            and placed.week_start = weeks.week_start
    group by placed.scope_type, placed.scope, placed.week_start

),

week_rows as (

    select
        by_week.scope_type,
        by_week.scope,
        by_week.week_start as period_start,
        figures.figure,
        figures.numerator,
        figures.weight as denominator,
        case when figures.is_sum then figures.numerator else figures.numerator / nullif(figures.weight, 0) end as value,
        figures.n,
        figures.members_count,
        figures.largest / nullif(figures.weight, 0) as largest_share
    from by_week
    cross join lateral (
        values
        {%- for figure in week_figures() %}
            (
                '{{ figure.name }}',
                by_week.{{ figure.name }}_sum,
                by_week.{{ figure.name }}_weight,
                by_week.{{ figure.name }}_largest,
                by_week.{{ figure.name }}_n,
                by_week.{{ figure.name }}_members,
                {{ 'denominator' not in figure }}
            ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as figures (figure, numerator, weight, largest, n, members_count, is_sum)

),

quarter_rows as (

    {% for figure in quarter_figures() %}
        select
            respondents.scope_type,
            respondents.scope,
            respondents.quarter_date as period_start,
            '{{ figure.name }}' as figure,
            sum({{ figure.numerator }}) filter (where {{ figure.is_member }})::double precision as numerator,
            count(*) filter (where {{ figure.is_member }})::double precision as denominator,
            (avg({{ figure.numerator }}) filter (where {{ figure.is_member }}))::double precision as value,
            count(*) filter (where {{ figure.counts }}) as n,
            count(*) filter (where {{ figure.is_member }}) as members_count,
            null::double precision as largest_share
        from respondents
        group by respondents.scope_type, respondents.scope, respondents.quarter_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

rows_of_both as (

    select * from week_rows
    union all
    select * from quarter_rows

)

select
    catalog.dimension,
    rows_of_both.figure,
    rows_of_both.scope_type,
    rows_of_both.scope,
    catalog.period,
    rows_of_both.period_start,
    case catalog.period
        when 'week' then rows_of_both.period_start + 7
        else (rows_of_both.period_start + interval '3 months')::date
    end as period_end,
    round(rows_of_both.value::numeric, catalog.digits)::double precision as value,
    catalog.unit,
    rows_of_both.n::int as n,
    rows_of_both.members_count::int as members_count,
    rows_of_both.numerator,
    case when catalog.aggregation <> 'sum' then rows_of_both.denominator end as denominator,
    case when catalog.aggregation = 'sum' then rows_of_both.largest_share end as largest_share,
    catalog.minimum,
    catalog.definition_version
from rows_of_both
inner join catalog
    on rows_of_both.figure = catalog.figure
where rows_of_both.members_count > 0
