{{ config(
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'window_days', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ],
    pre_hook=["set local enable_hashjoin = off", "set local enable_mergejoin = off", "set local work_mem = '256MB'"]
) }}

-- One row per scope, day and length of window, with the percentiles of what lies in the window.
-- Medians do not add up: the events of a scope stand in one array in the order of their days, of which a window is a
-- slice. Nested loops, so that a scope's arrays are held once while its windows are cut from them.
with

events as (

    select * from {{ ref('fct_metric_events') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

windows as (

    select * from {{ ref('fct_metric_window_counts') }}

),

{% for scope_type, column, date in [
    ('service', 'service', 'own_date'),
    ('team', 'team', 'own_date'),
    ('repository', 'repository', 'home_date'),
    ('organization', None, 'home_date'),
] %}
    values_of_{{ scope_type }} as (

        select
            scopes.scope_type,
            scopes.scope,
        {% for metric in event_metrics(['median']) -%}
            array_agg(events.{{ metric.name }} order by events.{{ date }})
            filter (where events.{{ metric.name }} is not null)
                as {{ metric.name }}_values{{ ',' if not loop.last }}
        {% endfor %}
        from scopes
        left join events
            on
                {{ 'scopes.scope = events.' ~ column if column else 'events.is_organizations' }}
                and events.{{ date }} between scopes.first_date and scopes.last_date
        where scopes.scope_type = '{{ scope_type }}'
        group by scopes.scope_type, scopes.scope

    ),
{% endfor %}

ordered_values as (

    select * from values_of_service
    union all
    select * from values_of_team
    union all
    select * from values_of_repository
    union all
    select * from values_of_organization

),

cut as (

    select
        windows.*,
    {% for metric in event_metrics(['median']) -%}
        case when windows.{{ metric.name }}_n > 0 then (
            select percentile_cont(array[0.5, 0.9]) within group (order by slice.value)
            from unnest(
                ordered_values.{{ metric.name }}_values[
                    windows.{{ metric.name }}_before + 1
                    :windows.{{ metric.name }}_before + windows.{{ metric.name }}_n
                ]
                ) as slice (value)
            ) end as {{ metric.name }}_percentiles{{ ',' if not loop.last }}
    {% endfor %}
    from ordered_values
    inner join windows
        on
            ordered_values.scope_type = windows.scope_type
            and ordered_values.scope = windows.scope

)

select
    cut.scope_type,
    cut.scope,
    cut.metric_date,
    cut.window_days,
    cut.time_zone,
    cut.first_date,
{% for metric in metrics() -%}
    cut.{{ metric.name }}_n,
    {% if metric.aggregation == 'median' -%}
        cut.{{ metric.name }}_percentiles[1] as {{ metric.name }}_p50,
        cut.{{ metric.name }}_percentiles[2] as {{ metric.name }}_p90,
    {% endif -%}
    cut.{{ metric.name }}_sum{{ ',' if not loop.last }}
{% endfor %}
from cut
