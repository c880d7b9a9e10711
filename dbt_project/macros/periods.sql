{#- Whether an instant lies in a period, whose start belongs to it and whose end does not; a missing end is open. -#}
{% macro lies_in(instant, period) -%}
(
    ({{ period }}.starts_at is null or {{ instant }} >= {{ period }}.starts_at)
    and ({{ period }}.ends_at is null or {{ instant }} < {{ period }}.ends_at)
)
{%- endmacro %}

{#- Whether an object, or something in it, may be as young as that: by when its source last touched it, which an index
    knows. Where a source does not tell, it may. -#}
{% macro may_be_since(objects, length) -%}
(
    {{ objects }}.source_updated_at is null
    or {{ objects }}.source_updated_at >= (select policy.as_of_at from policy) - interval '{{ length }}'
)
{%- endmacro %}

{#- Whether something of a stream (its ``relation``, when it ``happened_at``, whether it ``is_raw``) happened within so long
    before the as-of instant. Where may_be_since holds, too. -#}
{% macro happened_within(stream, length) -%}
{% if stream.is_raw -%} {{ may_be_since(stream.relation, length) }} and {%- endif %}
{{ stream.happened_at }} >= (select policy.as_of_at from policy) - interval '{{ length }}'
and {{ stream.happened_at }} < (select policy.as_of_at from policy)
{%- endmacro %}
