{{ config(materialized='view', post_hook=[]) }}

-- One row per metric, scope and event that the metric is made of there: what a number opens up to.
-- A view: the events stand once, and each branch finds its own by an index.
with

events as not materialized (

    select * from {{ ref('fct_metric_events') }}

),

days as not materialized (

    select * from {{ ref('fct_metric_days') }}

),

policy as not materialized (

    select * from {{ ref('stg_policy__parameters') }}

)

{% for metric in event_metrics() %}
    {% for scope_type, scope, date in [
        ('service', 'events.service', 'events.own_date'),
        ('team', 'events.team', 'events.own_date'),
        ('repository', 'events.repository', 'events.home_date'),
        ('organization', 'policy.organization', 'events.home_date'),
    ] %}
        select
            '{{ metric.name }}' as metric,
            '{{ scope_type }}' as scope_type,
            {{ scope }} as scope,
            {{ date }} as metric_date,
            events.item_type,
            events.item_id,
            events.happened_at,
            {{ 'events.' ~ metric.name if metric.aggregation == 'median' else 'null::double precision' }} as value,
            {{ 'events.' ~ metric.name if metric.aggregation == 'ratio' else 'null::boolean' }} as is_hit
        from events
        {% if scope_type == 'organization' %}
            cross join policy
            where events.is_organizations
            {% else %}
            where {{ scope }} is not null
            {% endif %}
            and events.{{ metric.name }} is not null
        union all
    {% endfor %}
{% endfor %}
select
    'deployment_active_days_pct' as metric,
    days.scope_type,
    days.scope,
    days.metric_date,
    'day' as item_type,
    days.metric_date::text as item_id,
    days.metric_date::timestamp at time zone days.time_zone as happened_at,
    null::double precision as value,
    null::boolean as is_hit
from days
where days.deployment_active_days_pct_n > 0
