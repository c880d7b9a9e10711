{#- A shell glob (* and ?) as a LIKE pattern. -#}
{% macro glob_as_like(pattern) -%}
replace(replace(replace(replace(replace({{ pattern }}, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_')
{%- endmacro %}

{#- Whether a name matches any of an array of globs. GitHub's names differ in more than case. -#}
{% macro matches_any(name, patterns) -%}
exists (
    select 1 from unnest({{ patterns }}) as globs (pattern)
    where {{ name }} ilike {{ glob_as_like('globs.pattern') }}
)
{%- endmacro %}
