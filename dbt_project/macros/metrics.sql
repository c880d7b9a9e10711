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
