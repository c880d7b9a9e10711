{#- Hours from one instant to another; NULL, never negative, where they stand in the wrong order. -#}
{% macro hours_between(start_at, end_at) -%}
case
    when {{ end_at }} >= {{ start_at }}
        then (extract(epoch from {{ end_at }} - {{ start_at }}) / 3600)::double precision
end
{%- endmacro %}

{#- One end of the Wilson 95 % interval of hits among trials, in percent; NULL without trials.
    The ends at 0 and at 100 % are exact, where rounding would put them beyond the ratio itself. -#}
{% macro wilson_pct(hits, trials, side) -%}
{%- set z = '1.959963984540054' -%}
case
    when {{ trials }} = 0 then null
    {% if side == 'low' -%}
    when {{ hits }} = 0 then 0
    {%- else -%}
    when {{ hits }} = {{ trials }} then 100
    {%- endif %}
    else 100 * (
        {{ hits }} / {{ trials }} + {{ z }} ^ 2 / (2 * {{ trials }})
        {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(
            {{ hits }} / {{ trials }} * (1 - {{ hits }} / {{ trials }}) / {{ trials }}
            + {{ z }} ^ 2 / (4 * {{ trials }} ^ 2)
        )
    ) / (1 + {{ z }} ^ 2 / {{ trials }})
end
{%- endmacro %}

{#- The local day of an instant. -#}
{% macro local_date(instant, time_zone) -%}
({{ instant }} at time zone {{ time_zone }})::date
{%- endmacro %}
