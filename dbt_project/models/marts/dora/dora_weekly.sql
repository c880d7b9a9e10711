{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['scope_type', 'scope', 'week_start'],
    on_schema_change='fail',
    rules="(select md5(string_agg(catalog::text, ',' order by catalog.metric)) from reference.metric_catalog as catalog)",
    indexes=[{'columns': ['scope_type', 'scope', 'week_start'], 'unique': true}, {'columns': ['week_start']}],
    pre_hook=dirty("
        select distinct scope_type, scope, date_trunc('week', metric_date)::date as week_start
        from {{ changed('fct_metric_days', ['scope_type', 'scope', 'metric_date date']) }} as days
    ")
) }}

-- Columns are written by loops over the metrics, whose indentation the linter takes for that of the SQL.
-- noqa: disable=LT02

-- One row per scope and ISO week, zero-filled: what adds up over its days, and percentiles of what lies in it.
-- A week that has ended is the window of seven days that ends on its Sunday; the running one is added up here.
with

windows as (

    select * from {{ ref('fct_metric_windows') }}

),

days as (

    select * from {{ ref('fct_metric_days') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

catalog as (

    select * from {{ ref('metric_catalog') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

running as (

    select
        scopes.scope_type,
        scopes.scope,
        scopes.last_date,
        date_trunc('week', scopes.last_date)::date as week_start
    from scopes
    where
        extract(isodow from scopes.last_date) <> 7
        {% if goes_on() %}
            and exists (
                select 1 from dirty_keys
                where
                    dirty_keys.scope_type = scopes.scope_type
                    and dirty_keys.scope = scopes.scope
                    and dirty_keys.week_start = date_trunc('week', scopes.last_date)::date
            )
        {% endif %}

),

-- The days of places lie apart from the organisation's by two at most.
events as (

    select * from {{ ref('fct_metric_events') }}
    where {{ is_near('home_date', 'running', 'running.week_start - 2', 'running.last_date + 2') }}

),

running_sums as (

    select
        running.scope_type,
        running.scope,
        running.week_start,
        running.last_date,
        days.first_date,
        days.time_zone,
        {% for metric in metrics() -%}
            sum(days.{{ metric.name }}_n) as {{ metric.name }}_n,
            sum(days.{{ metric.name }}_sum) as {{ metric.name }}_sum{{ ',' if not loop.last }}
        {% endfor %}
    from running
    inner join days
        on
            running.scope_type = days.scope_type
            and running.scope = days.scope
            and days.metric_date between running.week_start and running.last_date
    group by
        running.scope_type, running.scope, running.week_start, running.last_date, days.first_date, days.time_zone

),

running_percentiles as (

    {% for type in scope_types() %}
        select
            running.scope_type,
            running.scope,
            {% for metric in event_metrics(['median']) -%}
                percentile_cont(array[0.5, 0.9]) within group (order by events.{{ metric.name }})
                    as {{ metric.name }}_percentiles{{ ',' if not loop.last }}
            {% endfor %}
        from running
        cross join policy
        inner join events
            on
                running.scope = {{ type.scope }}
                and {{ type.date }} between running.week_start and running.last_date
        where running.scope_type = '{{ type.name }}'
        group by running.scope_type, running.scope
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

weeks as (

    select
        windows.scope_type,
        windows.scope,
        windows.metric_date - 6 as week_start,
        windows.metric_date as last_date,
        windows.first_date,
        windows.time_zone,
        {% for metric in metrics() -%}
            windows.{{ metric.name }}_n::bigint as {{ metric.name }}_n,
            {% if metric.aggregation == 'median' -%}
                windows.{{ metric.name }}_p50,
                windows.{{ metric.name }}_p90,
            {% endif -%}
            windows.{{ metric.name }}_sum::double precision as {{ metric.name }}_sum{{ ',' if not loop.last }}
        {% endfor %}
    from windows
    {% if goes_on() %}
        inner join dirty_keys
            on
                windows.scope_type = dirty_keys.scope_type
                and windows.scope = dirty_keys.scope
                and windows.metric_date = dirty_keys.week_start + 6
    {% endif %}
    where
        windows.window_days = 7
        and extract(isodow from windows.metric_date) = 7

    union all

    select
        sums.scope_type,
        sums.scope,
        sums.week_start,
        sums.last_date,
        sums.first_date,
        sums.time_zone,
        {% for metric in metrics() -%}
            sums.{{ metric.name }}_n::bigint as {{ metric.name }}_n,
            {% if metric.aggregation == 'median' -%}
                percentiles.{{ metric.name }}_percentiles[1] as {{ metric.name }}_p50,
                percentiles.{{ metric.name }}_percentiles[2] as {{ metric.name }}_p90,
            {% endif -%}
            sums.{{ metric.name }}_sum::double precision as {{ metric.name }}_sum{{ ',' if not loop.last }}
        {% endfor %}
    from running_sums as sums
    left join running_percentiles as percentiles
        on
            sums.scope_type = percentiles.scope_type
            and sums.scope = percentiles.scope

),

definitions as (

    select max(catalog.definition_version) as definition_version
    from catalog

)

select
    weeks.scope_type,
    weeks.scope,
    weeks.week_start,
    extract(isoyear from weeks.week_start)::int as iso_year,
    extract(week from weeks.week_start)::int as iso_week,
    weeks.first_date <= weeks.week_start and weeks.last_date = weeks.week_start + 6 as is_complete,
    weeks.last_date - greatest(weeks.first_date, weeks.week_start) + 1 as observed_days,
    weeks.deployment_frequency_per_day_n as deployments,
    weeks.deployment_frequency_per_day_n::double precision
    / (weeks.last_date - greatest(weeks.first_date, weeks.week_start) + 1) as deployment_frequency_per_day,
    weeks.deployment_active_days_pct_n as active_days,
    weeks.changes_deployed_n as changes_deployed,
    weeks.bot_changes_deployed_n as bot_changes_deployed,
    weeks.change_lead_time_hours_p50 as lead_time_hours_p50,
    weeks.change_lead_time_hours_p90 as lead_time_hours_p90,
    weeks.coding_time_hours_p50,
    weeks.pickup_time_hours_p50,
    weeks.review_time_hours_p50,
    weeks.delivery_time_hours_p50,
    weeks.pull_request_cycle_time_hours_n as pull_requests_merged,
    weeks.pull_request_cycle_time_hours_p50 as cycle_time_hours_p50,
    weeks.change_failure_rate_pct_sum::bigint as failed_deployments,
    100 * weeks.change_failure_rate_pct_sum / nullif(weeks.change_failure_rate_pct_n, 0) as change_failure_rate_pct,
    {{ wilson_pct('weeks.change_failure_rate_pct_sum', 'weeks.change_failure_rate_pct_n', 'low') }}
        as change_failure_rate_pct_low,
    {{ wilson_pct('weeks.change_failure_rate_pct_sum', 'weeks.change_failure_rate_pct_n', 'high') }}
        as change_failure_rate_pct_high,
    {{ metric_status("'ratio'", 'weeks.change_failure_rate_pct_n', '(weeks.last_date - weeks.first_date + 1)') }}
        as change_failure_rate_status,
    100 * weeks.change_failure_rate_excluding_time_pct_sum
    / nullif(weeks.change_failure_rate_excluding_time_pct_n, 0) as change_failure_rate_excluding_time_pct,
    weeks.failed_deployment_recovery_time_hours_p50 as recovery_time_hours_p50,
    weeks.failed_deployment_recovery_time_hours_p90 as recovery_time_hours_p90,
    100 * weeks.deployment_rework_rate_pct_sum
    / nullif(weeks.deployment_rework_rate_pct_n, 0) as deployment_rework_rate_pct,
    100 * weeks.deployment_attempt_failure_rate_pct_sum
    / nullif(weeks.deployment_attempt_failure_rate_pct_n, 0) as deployment_attempt_failure_rate_pct,
    weeks.incidents_opened_n as incidents_opened,
    weeks.mttr_hours_n as incidents_resolved,
    weeks.mttr_hours_p50,
    weeks.mttr_hours_p90,
    100 * weeks.collection_reliability_pct_sum
    / nullif(weeks.collection_reliability_pct_n, 0) as collection_reliability_pct,
    weeks.time_zone,
    definitions.definition_version
from weeks
cross join policy
cross join definitions
