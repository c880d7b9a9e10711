{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['scope_type', 'scope', 'metric_date'],
    on_schema_change='sync_all_columns',
    contract={'enforced': false},
    indexes=[
        {'columns': ['scope_type', 'scope', 'metric_date'], 'unique': true},
        {'columns': ['metric_date']},
    ],
    post_hook=["{{ delete_unobserved_days(this) }}", "analyze {{ this }}"]
) }}

-- One row per scope and day, zero-filled: of each metric what was counted, what adds up, and the day's percentiles.
-- Only days whose events have changed since they were last measured are measured again. Hours are added up as numerics,
-- whose sum does not depend on the order.
with

events as (

    select * from {{ ref('fct_metric_events') }}

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

{% for type in scope_types() %}
    digests_of_{{ type.name }} as (

        select
            '{{ type.name }}' as scope_type,
            {{ type.scope }} as scope,
            {{ type.date }} as metric_date,
            count(*)::int as events_count,
            bit_xor(events.digest) as digest
        from events
        cross join policy
        where {{ type.scope }} is not null
        group by {{ type.scope }}, {{ type.date }}

    ),
{% endfor %}

digests as (

    {% for type in scope_types() %}
        select * from digests_of_{{ type.name }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A service's day is that of the team that owned it then.
calendar as (

    select
        scopes.scope_type,
        scopes.scope,
        case
            when scopes.scope_type = 'service' then coalesce(owners.time_zone, policy.time_zone)
            else scopes.time_zone
        end as time_zone,
        scopes.first_date,
        days.metric_date::date as metric_date
    from scopes
    cross join policy
    cross join lateral generate_series(scopes.first_date, scopes.last_date, '1 day') as days (metric_date)
    left join owners
        on
            scopes.scope_type = 'service'
            and scopes.scope = owners.service
            and coalesce(days.metric_date >= owners.owned_since, true)
            and coalesce(days.metric_date < owners.owned_until, true)

),

due as materialized (

    select
        calendar.scope_type,
        calendar.scope,
        calendar.time_zone,
        calendar.first_date,
        calendar.metric_date,
        coalesce(digests.events_count, 0) as events_count,
        coalesce(digests.digest, 0) as digest
    from calendar
    left join digests
        on
            calendar.scope_type = digests.scope_type
            and calendar.scope = digests.scope
            and calendar.metric_date = digests.metric_date
    {% if is_incremental() %}
        left join {{ this }} as measured
            on
                calendar.scope_type = measured.scope_type
                and calendar.scope = measured.scope
                and calendar.metric_date = measured.metric_date
        where
            measured.digest is distinct from coalesce(digests.digest, 0)
            or measured.events_count is distinct from coalesce(digests.events_count, 0)
            or measured.time_zone is distinct from calendar.time_zone
            or measured.first_date is distinct from calendar.first_date
    {% endif %}

),

{% for type in scope_types() %}
    days_of_{{ type.name }} as (

        select
            '{{ type.name }}' as scope_type,
            {{ type.scope }} as scope,
            {{ type.date }} as metric_date,
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
        {% if is_incremental() %}
            inner join due
                on
                    due.scope_type = '{{ type.name }}'
                    and {{ type.scope }} = due.scope
                    and {{ type.date }} = due.metric_date
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
    due.scope_type,
    due.scope,
    due.metric_date,
    due.time_zone,
    due.first_date,
    due.events_count,
    due.digest,
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
from due
left join active_days
    on
        due.scope_type = active_days.scope_type
        and due.scope = active_days.scope
        and due.metric_date = active_days.metric_date
