{{ config(
    contract={'enforced': false},
    indexes=[{'columns': ['scope_type', 'scope']}]) }}

-- One row per scope, day and length of window: what adds up over the window, and where its events stand in their order.
-- Every day of the last quarter has its windows; before that, the last day of each ISO week.
with

days as (

    select * from {{ ref('fct_metric_days') }}

),

-- Totals from the first day on: a window is the difference of two of them, however long it is.
running as (

    select
        days.scope_type,
        days.scope,
        days.metric_date,
        days.time_zone,
        days.first_date,
        max(days.metric_date) over scopes as last_date,
    {% for metric in metrics() -%}
        sum(days.{{ metric.name }}_n) over upto as {{ metric.name }}_n,
        sum(days.{{ metric.name }}_sum) over upto as {{ metric.name }}_sum{{ ',' if not loop.last }}
    {% endfor %}
    from days
    window
        scopes as (partition by days.scope_type, days.scope),
        upto as (partition by days.scope_type, days.scope order by days.metric_date)

),

kept as (

    select
        running.*,
        windows.window_days
    from running
    cross join (values (7), (28), (90)) as windows (window_days)
    where
        running.metric_date > running.last_date - 92
        or extract(isodow from running.metric_date) = 7

)

select
    kept.scope_type,
    kept.scope,
    kept.metric_date,
    kept.window_days,
    kept.time_zone,
    kept.first_date,
{% for metric in metrics() -%}
    (kept.{{ metric.name }}_n - coalesce(before.{{ metric.name }}_n, 0))::int as {{ metric.name }}_n,
    coalesce(before.{{ metric.name }}_n, 0)::int as {{ metric.name }}_before,
    {{ summed('kept', 'before', metric) }} as {{ metric.name }}_sum{{ ',' if not loop.last }}
{% endfor %}
from kept
left join running as before
    on
        kept.scope_type = before.scope_type
        and kept.scope = before.scope
        and before.metric_date = kept.metric_date - kept.window_days
