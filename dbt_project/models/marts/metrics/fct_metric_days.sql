{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['scope_type', 'scope', 'metric_date'],
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ],
    pre_hook="{{ dirty_days() }}"
) }}

-- One row per scope and day, zero-filled: of each metric what was counted, what adds up, and the day's percentiles.
-- Hours are added up as numerics, whose sum does not depend on the order.
with

events as (

    select * from {{ ref('fct_metric_events') }}
    {% if goes_on() %}
        -- The days of places lie apart from the organisation's by two at most.
        where {{ is_near('home_date', 'dirty_keys', 'dirty_keys.metric_date - 2', 'dirty_keys.metric_date + 2') }}
    {% endif %}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- A service's day is that of the team that owned it then.
calendar as materialized (

    select
        scopes.scope_type,
        scopes.scope,
        case
            when scopes.scope_type = 'service' then coalesce(owners.time_zone, policy.time_zone)
            else scopes.time_zone
        end as time_zone,
        scopes.first_date,
        days.metric_date
    from scopes
    cross join policy
    {% if goes_on() %}
        inner join dirty_keys as days
            on
                scopes.scope_type = days.scope_type
                and scopes.scope = days.scope
                and days.metric_date between scopes.first_date and scopes.last_date
    {% else %}
        cross join lateral (
            select generated.metric_date::date as metric_date
            from generate_series(scopes.first_date, scopes.last_date, '1 day') as generated (metric_date)
        ) as days
    {% endif %}
    left join owners
        on
            scopes.scope_type = 'service'
            and scopes.scope = owners.service
            and coalesce(days.metric_date >= owners.owned_since, true)
            and coalesce(days.metric_date < owners.owned_until, true)

),

{% for type in scope_types() %}
    days_of_{{ type.name }} as (

        select
            '{{ type.name }}' as scope_type,
            {{ type.scope }} as scope,
            {{ type.date }} as metric_date,
            count(*)::int as events_count,
            {% for metric in event_metrics() -%}
                count(events.{{ metric.name }})::int as {{ metric.name }}_n,
                {% if metric.aggregation == 'median' -%}
                    sum(events.{{ metric.name }}::numeric) as {{ metric.name }}_sum,
                    percentile_cont(array[0.5, 0.9]) within group (order by events.{{ metric.name }})
                        as {{ metric.name }}_percentiles{{ ',' if not loop.last }}
                {%- else -%}
                    (count(*) filter (where events.{{ metric.name }}))::int as {{ metric.name }}_sum
                    {{- ',' if not loop.last }}
                {%- endif %}
            {% endfor %}
        from events
        cross join policy
        {% if goes_on() %}
            inner join dirty_keys
                on
                    dirty_keys.scope_type = '{{ type.name }}'
                    and {{ type.scope }} = dirty_keys.scope
                    and {{ type.date }} = dirty_keys.metric_date
        {% else %}
            where {{ type.scope }} is not null
        {% endif %}
        group by {{ type.scope }}, {{ type.date }}

    ),
{% endfor %}

active_days as (

    {% for type in scope_types() %}
        select * from days_of_{{ type.name }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

-- A day is active once, however often something was deployed on it.
select
    calendar.scope_type,
    calendar.scope,
    calendar.metric_date,
    calendar.time_zone,
    calendar.first_date,
    coalesce(active_days.events_count, 0) as events_count,
    {% for metric in event_metrics() -%}
        coalesce(active_days.{{ metric.name }}_n, 0) as {{ metric.name }}_n,
        {% if metric.aggregation == 'median' -%}
            active_days.{{ metric.name }}_sum,
            active_days.{{ metric.name }}_percentiles[1] as {{ metric.name }}_p50,
            active_days.{{ metric.name }}_percentiles[2] as {{ metric.name }}_p90,
        {%- else -%}
            coalesce(active_days.{{ metric.name }}_sum, 0) as {{ metric.name }}_sum,
        {%- endif %}
    {% endfor %}
    (coalesce(active_days.deployment_frequency_per_day_n, 0) > 0)::int as deployment_active_days_pct_n,
    (coalesce(active_days.deployment_frequency_per_day_n, 0) > 0)::int as deployment_active_days_pct_sum
from calendar
left join active_days
    on
        calendar.scope_type = active_days.scope_type
        and calendar.scope = active_days.scope
        and calendar.metric_date = active_days.metric_date
