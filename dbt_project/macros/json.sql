{#- A JSON array of texts as text[]; NULL where the key is missing or null. -#}
{% macro json_texts(value) -%}
case when jsonb_typeof({{ value }}) = 'array' then array(select jsonb_array_elements_text({{ value }})) end
{%- endmacro %}

{#- The rows of a JSON array; none where the key is missing or null. -#}
{% macro json_rows(value) -%}
jsonb_array_elements(case when jsonb_typeof({{ value }}) = 'array' then {{ value }} else '[]'::jsonb end)
{%- endmacro %}
