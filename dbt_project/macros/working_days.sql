{#- One working day after an instant, on the clock of a zone: the same time on the next day from Monday to Friday. What
    begins at the weekend begins on Monday at 00:00. -#}
{% macro one_working_day_after(instant, time_zone) -%}
(
    {{ workday_start(instant, time_zone) }}
    + case
        when extract(isodow from {{ workday_start(instant, time_zone) }}) = 5 then interval '3 days'
        else interval '1 day'
    end
) at time zone {{ time_zone }}
{%- endmacro %}

{#- The local time of an instant; Monday 00:00 for one at the weekend. -#}
{% macro workday_start(instant, time_zone) -%}
case
    when extract(isodow from {{ instant }} at time zone {{ time_zone }}) >= 6
        then date_trunc('week', {{ instant }} at time zone {{ time_zone }}) + interval '7 days'
    else {{ instant }} at time zone {{ time_zone }}
end
{%- endmacro %}
