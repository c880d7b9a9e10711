{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['scope_type', 'scope', 'window_days', 'metric_date'],
    on_schema_change='sync_all_columns',
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'window_days', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ],
    post_hook=[
        "{{ delete_unobserved_days(this) }}",
        "{{ delete_thinned_windows(this) }}",
        "analyze {{ this }}",
    ]
) }}

-- depends_on: {{ ref('int_scopes__observed') }}

-- One row per scope, day and length of window: what adds up over the window, and the percentiles of what lies in it.
-- Every day of the last quarter has its windows; before that, the last day of each ISO week. Only windows whose days
-- have changed since they were last measured are measured again.
with

events as (

    select * from {{ ref('fct_metric_events') }}

),

days as (

    select * from {{ ref('fct_metric_days') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- Digests of all days up to one, of which two tell what lies between them, as running totals do.
running_digests as (

    select
        days.scope_type,
        days.scope,
        days.metric_date,
        days.time_zone,
        days.first_date,
        max(days.metric_date) over scopes as last_date,
        bit_xor(days.digest) over upto as digest,
        sum(days.events_count) over upto as events_count
    from days
    window
        scopes as (partition by days.scope_type, days.scope),
        upto as (partition by days.scope_type, days.scope order by days.metric_date)

),

ends as (

    select
        running_digests.*,
        {% for window_days in [7, 28, 90] -%}
            lag(running_digests.digest, {{ window_days }}, 0::bigint) over upto as digest_{{ window_days }},
            lag(running_digests.events_count, {{ window_days }}, 0::bigint) over upto as events_count_{{ window_days }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from running_digests
    window upto as (partition by running_digests.scope_type, running_digests.scope order by running_digests.metric_date)

),

due as materialized (

    select
        ends.scope_type,
        ends.scope,
        ends.metric_date,
        windows.window_days,
        ends.time_zone,
        ends.first_date,
        (ends.events_count - windows.events_count_before)::int as events_count,
        int8xor(ends.digest, windows.digest_before) as digest
    from ends
    cross join lateral (
        values
        (7, ends.digest_7, ends.events_count_7),
        (28, ends.digest_28, ends.events_count_28),
        (90, ends.digest_90, ends.events_count_90)
    ) as windows (window_days, digest_before, events_count_before)
    {% if is_incremental() %}
        left join {{ this }} as measured
            on
                ends.scope_type = measured.scope_type
                and ends.scope = measured.scope
                and ends.metric_date = measured.metric_date
                and windows.window_days = measured.window_days
    {% endif %}
    where
        (
            ends.metric_date > ends.last_date - {{ daily_windows_days() }}
            or extract(isodow from ends.metric_date) = 7
        )
        {% if is_incremental() %}
            and (
                measured.digest is distinct from int8xor(ends.digest, windows.digest_before)
                or measured.events_count is distinct from ends.events_count - windows.events_count_before
                or measured.time_zone is distinct from ends.time_zone
                or measured.first_date is distinct from ends.first_date
            )
        {% endif %}

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

counted as (

    select
        due.scope_type,
        due.scope,
        due.metric_date,
        due.window_days,
        due.time_zone,
        due.first_date,
        due.events_count,
        due.digest,
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

cut as (

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
    cut.digest,
    {% for metric in metrics() -%}
        cut.{{ metric.name }}_n,
        {% if metric.aggregation == 'median' -%}
            cut.{{ metric.name }}_percentiles[1] as {{ metric.name }}_p50,
            cut.{{ metric.name }}_percentiles[2] as {{ metric.name }}_p90,
        {% endif -%}
        cut.{{ metric.name }}_sum{{ ',' if not loop.last }}
    {% endfor %}
from cut
