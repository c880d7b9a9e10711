{#- Days of scopes that are no longer observed, or not on that day: an increment only adds and replaces. -#}
{% macro delete_unobserved_days(relation) -%}
{% if is_incremental() -%}
delete from {{ relation }} as days
where
    not exists (
        select 1
        from {{ ref('int_scopes__observed') }} as scopes
        where
            days.scope_type = scopes.scope_type
            and days.scope = scopes.scope
            and days.metric_date between scopes.first_date and scopes.last_date
    )
{%- endif %}
{%- endmacro %}

{#- For how many days back every day has its windows; before that, only the last day of each ISO week. -#}
{% macro daily_windows_days() -%}92{%- endmacro %}

{#- Windows of days that have grown older than that. -#}
{% macro delete_thinned_windows(relation) -%}
{% if is_incremental() -%}
delete from {{ relation }} as windows
using {{ ref('int_scopes__observed') }} as scopes
where
    windows.scope_type = scopes.scope_type
    and windows.scope = scopes.scope
    and windows.metric_date <= scopes.last_date - {{ daily_windows_days() }}
    and extract(isodow from windows.metric_date) <> 7
{%- endif %}
{%- endmacro %}

{#- Days of people who no longer take part, or did not then: an increment only adds and replaces. -#}
{% macro delete_unexpected_person_days(relation) -%}
{% if is_incremental() -%}
with periods as (
    select
        participants.user_id,
        range_agg(tstzrange(participants.started_at, participants.ended_at)) as spans
    from {{ ref('stg_people__participants') }} as participants
    inner join {{ ref('stg_people__settings') }} as settings
        on participants.user_id = settings.user_id
    group by participants.user_id
)
delete from {{ relation }} as days
where
    days.local_date > (select policy.as_of_date from {{ ref('stg_policy__parameters') }} as policy)
    or not exists (
        select 1
        from periods
        where
            days.user_id = periods.user_id
            and periods.spans @> tstzrange(days.starts_at, days.ends_at)
    )
{%- endif %}
{%- endmacro %}
