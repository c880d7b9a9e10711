{{ config(
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ]
) }}

-- One row per scope and day, zero-filled: of each metric what was counted, what adds up, and the day's percentiles.
with

events as (

    select * from {{ ref('fct_metric_events') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

calendar as (

    select
        scopes.scope_type,
        scopes.scope,
        scopes.time_zone,
        scopes.first_date,
        days.metric_date::date as metric_date
    from scopes
    cross join lateral generate_series(scopes.first_date, scopes.last_date, '1 day') as days (metric_date)

),

{% for scope_type, scope, date in [
    ('service', 'events.service', 'events.own_date'),
    ('team', 'events.team', 'events.own_date'),
    ('repository', 'events.repository', 'events.home_date'),
    ('organization', 'policy.organization', 'events.home_date'),
] %}
    days_of_{{ scope_type }} as (

        select
            '{{ scope_type }}' as scope_type,
            {{ scope }} as scope,
            {{ date }} as metric_date,
        {% for metric in event_metrics() -%}
            count(events.{{ metric.name }})::int as {{ metric.name }}_n,
            {% if metric.aggregation == 'median' -%}
                sum(events.{{ metric.name }}) as {{ metric.name }}_sum,
                percentile_cont(array[0.5, 0.9]) within group (order by events.{{ metric.name }})
                    as {{ metric.name }}_percentiles
            {%- else -%}
                (count(*) filter (where events.{{ metric.name }}))::int as {{ metric.name }}_sum
            {%- endif %}{{ ',' if not loop.last }}
        {% endfor %}
        from events
        {% if scope_type == 'organization' %}
            cross join {{ ref('stg_policy__parameters') }} as policy
            where events.is_organizations
        {% else %}
            where {{ scope }} is not null
        {% endif %}
        group by {{ scope }}, {{ date }}

    ),
{% endfor %}

active_days as (

    select * from days_of_service
    union all
    select * from days_of_team
    union all
    select * from days_of_repository
    union all
    select * from days_of_organization

)

-- A day is active once, however often something was deployed on it.
select
    calendar.scope_type,
    calendar.scope,
    calendar.metric_date,
    calendar.time_zone,
    calendar.first_date,
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
