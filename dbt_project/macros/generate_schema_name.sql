{#- A model lives in the schema of its layer, whatever the target's own schema is called. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
