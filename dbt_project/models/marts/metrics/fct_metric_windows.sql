{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['scope_type', 'scope', 'window_days', 'metric_date'],
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'window_days', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ],
    pre_hook=["{{ dirty_windows() }}", "set local enable_nestloop = off; set local work_mem = '128MB'"]
) }}

-- depends_on: {{ ref('int_scopes__observed') }}

-- One row per scope, day and length of window: what adds up over the window, and the percentiles of what lies in it.
-- How many days lie in a range nobody can estimate, so the hook keeps the planner from looking them up one by one; and
-- windows are counted before arrays come in, lest each carry its scope's arrays to disk.
-- Every day of the last quarter has its windows; before that, the last day of each ISO week.
with

-- Only what medians are taken of, and nothing else of it: each type of scope reads it once more.
events as (

    select
        events.service,
        events.team,
        events.repository,
        events.is_organizations,
        events.own_date,
        events.home_date,
        {% for metric in event_metrics(['median']) -%}
            events.{{ metric.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_metric_events') }} as events
    where
        coalesce(
            {% for metric in event_metrics(['median']) -%}
                events.{{ metric.name }}{{ ',' if not loop.last }}
            {% endfor %}
        ) is not null
        {% if goes_on() -%}
            -- The days of places lie apart from the organisation's by two at most.
            and {{ is_near(
                'events.home_date', 'dirty_keys',
                'dirty_keys.metric_date - dirty_keys.window_days - 2', 'dirty_keys.metric_date + 2'
            ) }}
        {%- endif %}

),

days as not materialized (

    select * from {{ ref('fct_metric_days') }}
    {% if goes_on() %}
        where
            {{ is_near(
                'metric_date', 'dirty_keys',
                'dirty_keys.metric_date - dirty_keys.window_days', 'dirty_keys.metric_date'
            ) }}
    {% endif %}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

due as materialized (

    select
        days.scope_type,
        days.scope,
        days.metric_date,
        windows.window_days,
        days.time_zone,
        days.first_date
    from days
    {% if goes_on() %}
        inner join dirty_keys as windows
            on
                days.scope_type = windows.scope_type
                and days.scope = windows.scope
                and days.metric_date = windows.metric_date
    {% else %}
        cross join (values (7), (28), (90)) as windows (window_days)
        inner join {{ ref('int_scopes__observed') }} as scopes
            on
                days.scope_type = scopes.scope_type
                and days.scope = scopes.scope
    {% endif %}
    where {{ has_windows('days.metric_date', 'windows' if goes_on() else 'scopes') }}

),

-- The days that the windows which are due reach back to.
reaches as materialized (

    select
        due.scope_type,
        due.scope,
        min(due.metric_date - due.window_days + 1) as first_date,
        max(due.metric_date) as last_date
    from due
    group by due.scope_type, due.scope

),

-- Totals from the first of these days on: a window is the difference of two of them, however long it is.
totals as (

    select
        days.scope_type,
        days.scope,
        days.metric_date,
        sum(days.events_count) over upto as events_count,
        {% for metric in metrics() -%}
            sum(days.{{ metric.name }}_n) over upto as {{ metric.name }}_n,
            sum(days.{{ metric.name }}_sum) over upto as {{ metric.name }}_sum{{ ',' if not loop.last }}
        {% endfor %}
    from reaches
    inner join days
        on
            reaches.scope_type = days.scope_type
            and reaches.scope = days.scope
            and days.metric_date between reaches.first_date and reaches.last_date
    window upto as (partition by days.scope_type, days.scope order by days.metric_date)

),

counted as materialized (

    select
        due.scope_type,
        due.scope,
        due.metric_date,
        due.window_days,
        due.time_zone,
        due.first_date,
        (totals.events_count - coalesce(before.events_count, 0))::int as events_count,
        {% for metric in metrics() -%}
            (totals.{{ metric.name }}_n - coalesce(before.{{ metric.name }}_n, 0))::int as {{ metric.name }}_n,
            coalesce(before.{{ metric.name }}_n, 0)::int as {{ metric.name }}_before,
            {{ summed('totals', 'before', metric) }} as {{ metric.name }}_sum{{ ',' if not loop.last }}
        {% endfor %}
    from due
    inner join totals
        on
            due.scope_type = totals.scope_type
            and due.scope = totals.scope
            and due.metric_date = totals.metric_date
    left join totals as before
        on
            due.scope_type = before.scope_type
            and due.scope = before.scope
            and before.metric_date = due.metric_date - due.window_days

),

-- Medians do not add up: the values of a scope stand in one array in the order of their days, of which a window is a
-- slice.
ordered_values as (

    {% for type in scope_types() %}
        select
            reaches.scope_type,
            reaches.scope,
            {% for metric in event_metrics(['median']) -%}
                array_agg(events.{{ metric.name }} order by {{ type.date }})
                filter (where events.{{ metric.name }} is not null)
                    as {{ metric.name }}_values{{ ',' if not loop.last }}
            {% endfor %}
        from reaches
        cross join policy
        left join events
            on
                reaches.scope = {{ type.scope }}
                and {{ type.date }} between reaches.first_date and reaches.last_date
        where reaches.scope_type = '{{ type.name }}'
        group by reaches.scope_type, reaches.scope
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Materialized, or each pair of percentiles would be found twice, once for either.
cut as materialized (

    select
        counted.*,
        {% for metric in event_metrics(['median']) -%}
            case when counted.{{ metric.name }}_n > 0 then (
                select percentile_cont(array[0.5, 0.9]) within group (order by slice.value)
                from unnest(
                    ordered_values.{{ metric.name }}_values[
                        counted.{{ metric.name }}_before + 1
                        :counted.{{ metric.name }}_before + counted.{{ metric.name }}_n
                    ]
                ) as slice (value)
            ) end as {{ metric.name }}_percentiles{{ ',' if not loop.last }}
        {% endfor %}
    from ordered_values
    inner join counted
        on
            ordered_values.scope_type = counted.scope_type
            and ordered_values.scope = counted.scope

)

select
    cut.scope_type,
    cut.scope,
    cut.metric_date,
    cut.window_days,
    cut.time_zone,
    cut.first_date,
    cut.events_count,
    {% for metric in metrics() -%}
        cut.{{ metric.name }}_n,
        {% if metric.aggregation == 'median' -%}
            cut.{{ metric.name }}_percentiles[1] as {{ metric.name }}_p50,
            cut.{{ metric.name }}_percentiles[2] as {{ metric.name }}_p90,
        {% endif -%}
        cut.{{ metric.name }}_sum{{ ',' if not loop.last }}
    {% endfor %}
from cut
