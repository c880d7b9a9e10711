{#- A value's status: too short a history says so first, then nothing to measure, then too few for a ratio. -#}
{% macro metric_status(aggregation, n, observed_days) -%}
case
    when {{ observed_days }} < policy.minimum_observed_days then 'insufficient_data'
    when {{ n }} = 0 and {{ aggregation }} in ('median', 'ratio') then 'no_data'
    when {{ n }} < policy.minimum_deployments and {{ aggregation }} = 'ratio' then 'insufficient_data'
    else 'ok'
end
{%- endmacro %}

{#- A value from what was added up over the window. Means are nobody's value: medians come from the items. -#}
{% macro metric_value(aggregation, n, numerator, denominator, median) -%}
case {{ aggregation }}
    when 'median' then {{ median }}
    when 'ratio' then 100 * {{ numerator }} / nullif({{ denominator }}, 0)
    when 'per_day' then {{ numerator }} / {{ denominator }}
    when 'share_of_days' then 100 * {{ numerator }} / {{ denominator }}
    else {{ n }}
end
{%- endmacro %}

{#- A column of one metric, where the metrics of a day are rows of a group. -#}
{% macro metric_column(metric, column='value') -%}
max({{ column }}) filter (where metric = '{{ metric }}')
{%- endmacro %}

{#- The metrics and how each adds up, as metric_catalog tells it: a test holds the two to each other. What is counted
    or divided is a boolean of the event, what is timed a number of hours. -#}
{% macro metrics(aggregations=none) -%}
{%- set all = [
    {'name': 'deployment_frequency_per_day', 'aggregation': 'per_day'},
    {'name': 'deployment_active_days_pct', 'aggregation': 'share_of_days'},
    {'name': 'change_lead_time_hours', 'aggregation': 'median'},
    {'name': 'coding_time_hours', 'aggregation': 'median'},
    {'name': 'pickup_time_hours', 'aggregation': 'median'},
    {'name': 'review_time_hours', 'aggregation': 'median'},
    {'name': 'delivery_time_hours', 'aggregation': 'median'},
    {'name': 'pull_request_cycle_time_hours', 'aggregation': 'median'},
    {'name': 'changes_deployed', 'aggregation': 'count'},
    {'name': 'bot_changes_deployed', 'aggregation': 'count'},
    {'name': 'change_failure_rate_pct', 'aggregation': 'ratio'},
    {'name': 'change_failure_rate_excluding_time_pct', 'aggregation': 'ratio'},
    {'name': 'failed_deployment_recovery_time_hours', 'aggregation': 'median'},
    {'name': 'deployment_rework_rate_pct', 'aggregation': 'ratio'},
    {'name': 'deployment_attempt_failure_rate_pct', 'aggregation': 'ratio'},
    {'name': 'incidents_opened', 'aggregation': 'count'},
    {'name': 'mttr_hours', 'aggregation': 'median'},
    {'name': 'collection_reliability_pct', 'aggregation': 'ratio'},
] -%}
{{ return(all if aggregations is none else all | selectattr('aggregation', 'in', aggregations) | list) }}
{%- endmacro %}

{#- The metrics that events are measured by: all but those that only days can tell. -#}
{% macro event_metrics(aggregations=['per_day', 'count', 'ratio', 'median']) -%}
{{ return(metrics(aggregations)) }}
{%- endmacro %}

{#- A column for each metric: what the event says of it, missing where it says nothing. -#}
{% macro measures(said) -%}
{%- for metric in event_metrics() %}
    {{ said.get(metric.name, 'null') }}::{{ 'double precision' if metric.aggregation == 'median' else 'boolean' }}
        as {{ metric.name }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#- What a window opens up to: n, numerator and percentiles of each metric, as rows of a lateral join. -#}
{% macro metric_rows(relation) -%}
values
{%- for metric in metrics() %}
    (
        '{{ metric.name }}',
        {{ relation }}.{{ metric.name }}_n::bigint,
        {{ relation }}.{{ metric.name }}_sum::double precision,
        {{ relation ~ '.' ~ metric.name ~ '_p50' if metric.aggregation == 'median' else 'null::double precision' }},
        {{ relation ~ '.' ~ metric.name ~ '_p90' if metric.aggregation == 'median' else 'null::double precision' }}
    ){{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#- What a numerator is divided by: the items, or the days. -#}
{% macro metric_denominator(aggregation, n, days) -%}
case
    when {{ aggregation }} in ('median', 'ratio') then {{ n }}
    when {{ aggregation }} in ('per_day', 'share_of_days') then {{ days }}
end::double precision
{%- endmacro %}

{#- Value, unit, n, numerator, denominator, interval and status of a measured row. -#}
{% macro metric_columns(measured, observed_days) -%}
{{ metric_value(
        measured ~ '.aggregation', measured ~ '.n', measured ~ '.numerator', measured ~ '.denominator',
        measured ~ '.median'
    ) }}
        as value,
    {{ measured }}.p90 as value_p90,
    {{ measured }}.unit,
    {{ measured }}.n,
    {{ measured }}.numerator,
    {{ measured }}.denominator,
    case
        when {{ measured }}.aggregation = 'ratio'
            then {{ wilson_pct(measured ~ '.numerator', measured ~ '.denominator', 'low') }}
    end
        as interval_low,
    case
        when {{ measured }}.aggregation = 'ratio'
            then {{ wilson_pct(measured ~ '.numerator', measured ~ '.denominator', 'high') }}
    end
        as interval_high,
    {{ metric_status(measured ~ '.aggregation', measured ~ '.n', observed_days) }} as status
{%- endmacro %}

{#- What adds up between two running totals; hours are missing where there are none. A difference has as many digits as
    the totals, which depend on the day that they begin with, so zeros at the end are dropped. -#}
{% macro summed(total, before, metric) -%}
{%- set sum = metric.name ~ '_sum' -%}
{%- set n = metric.name ~ '_n' -%}
{%- set difference = total ~ '.' ~ sum ~ ' - coalesce(' ~ before ~ '.' ~ sum ~ ', 0)' -%}
{%- if metric.aggregation == 'median' -%}
case when {{ total }}.{{ n }} > coalesce({{ before }}.{{ n }}, 0) then trim_scale({{ difference }}) end
{%- else -%}
({{ difference }})::int
{%- endif -%}
{%- endmacro %}

{#- Where an event counts: the type of scope, the column that names it, and the day on which it counts there. -#}
{% macro scope_types() -%}
{{ return([
    {'name': 'service', 'scope': 'events.service', 'date': 'events.own_date'},
    {'name': 'team', 'scope': 'events.team', 'date': 'events.own_date'},
    {'name': 'repository', 'scope': 'events.repository', 'date': 'events.home_date'},
    {'name': 'organization', 'scope': 'case when events.is_organizations then policy.organization end',
     'date': 'events.home_date'},
]) }}
{%- endmacro %}
