{#- Whether an instant lies in a period, whose start belongs to it and whose end does not; a missing end is open. -#}
{% macro lies_in(instant, period) -%}
(
    ({{ period }}.starts_at is null or {{ instant }} >= {{ period }}.starts_at)
    and ({{ period }}.ends_at is null or {{ instant }} < {{ period }}.ends_at)
)
{%- endmacro %}
