{#- Hours that a multirange of instants covers; 0 where it is empty or missing. -#}
{% macro hours_of(spans) -%}
(
    select coalesce(sum(extract(epoch from upper(pieces.span) - lower(pieces.span))), 0) / 3600
    from unnest({{ spans }}) as pieces (span)
)
{%- endmacro %}
