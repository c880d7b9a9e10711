{#- For how many days back every day has its windows; before that, only the last day of each ISO week. -#}
{% macro daily_windows_days() -%}92{%- endmacro %}

{% macro has_windows(day, scope) -%}
({{ day }} > {{ scope }}.last_date - {{ daily_windows_days() }} or extract(isodow from {{ day }}) = 7)
{%- endmacro %}

{#- Days that events were added to or taken from, days that have ended since, and all days of a scope whose first day or
    zone is another one now, or which is gone. -#}
{% macro dirty_days() -%}
{%- if goes_on() -%}
create temporary table dirty_keys on commit drop as
with

measured as (
    select
        scopes.scope_type,
        scopes.scope,
        scopes.first_date,
        scopes.last_date,
        newest.metric_date as last_measured,
        oldest.metric_date is distinct from scopes.first_date
        or newest.first_date is distinct from scopes.first_date
        or (scopes.scope_type <> 'service' and newest.time_zone is distinct from scopes.time_zone)
        or scopes.scope in (
            select service from {{ changed('int_services__owned', ['service']) }} as owners
            where scopes.scope_type = 'service'
        ) as is_other
    from {{ ref('int_scopes__observed') }} as scopes
    left join lateral (
        select this.metric_date, this.first_date, this.time_zone
        from {{ this }} as this
        where this.scope_type = scopes.scope_type and this.scope = scopes.scope
        order by this.metric_date desc
        limit 1
    ) as newest on true
    left join lateral (
        select this.metric_date
        from {{ this }} as this
        where this.scope_type = scopes.scope_type and this.scope = scopes.scope
        order by this.metric_date asc
        limit 1
    ) as oldest on true
)

{% for type in ['service', 'team', 'repository'] -%}
select '{{ type }}' as scope_type, scope, metric_date
from {{ changed('fct_metric_events', ['scope', 'metric_date date'], log=type ~ '_days') }} as {{ type }}_days
where metric_date is not null
union
{% endfor -%}
select 'organization', scopes.scope, days.metric_date
from {{ changed('fct_metric_events', ['metric_date date'], log='organization_days') }} as days
inner join {{ ref('int_scopes__observed') }} as scopes
    on scopes.scope_type = 'organization'
union
select measured.scope_type, measured.scope, days.metric_date::date
from measured
cross join lateral generate_series(
    case when measured.is_other then measured.first_date else measured.last_measured + 1 end,
    measured.last_date,
    '1 day'
) as days (metric_date)
union
select this.scope_type, this.scope, this.metric_date
from measured
inner join {{ this }} as this
    on measured.scope_type = this.scope_type and measured.scope = this.scope
where measured.is_other or (measured.last_measured > measured.last_date and this.metric_date > measured.last_date)
union
select this.scope_type, this.scope, this.metric_date
from {{ changed('int_scopes__observed', ['scope_type', 'scope']) }} as gone
inner join {{ this }} as this
    on gone.scope_type = this.scope_type and gone.scope = this.scope
where not exists (
    select 1 from {{ ref('int_scopes__observed') }} as scopes
    where scopes.scope_type = gone.scope_type and scopes.scope = gone.scope
);
analyze dirty_keys
{%- endif -%}
{%- endmacro %}

{#- Windows that hold a day which has changed, and those of days that have grown too old to have any. -#}
{% macro dirty_windows() -%}
{%- if goes_on() -%}
create temporary table dirty_keys on commit drop as
with

changed_days as (
    select scope_type, scope, metric_date
    from {{ changed('fct_metric_days', ['scope_type', 'scope', 'metric_date date']) }} as days
)

select distinct
    changed_days.scope_type,
    changed_days.scope,
    scopes.last_date,
    windows.window_days,
    days.metric_date::date as metric_date
from changed_days
left join {{ ref('int_scopes__observed') }} as scopes
    on changed_days.scope_type = scopes.scope_type and changed_days.scope = scopes.scope
cross join (values (7), (28), (90)) as windows (window_days)
cross join lateral generate_series(
    changed_days.metric_date,
    greatest(changed_days.metric_date, least(changed_days.metric_date + windows.window_days - 1, scopes.last_date)),
    '1 day'
) as days (metric_date)
where {{ has_windows('days.metric_date::date', 'scopes') }} or scopes.scope is null
union
select this.scope_type, this.scope, scopes.last_date, this.window_days, this.metric_date
from {{ this }} as this
inner join {{ ref('int_scopes__observed') }} as scopes
    on this.scope_type = scopes.scope_type and this.scope = scopes.scope
where
    this.metric_date between ({{ last_as_of_at() }} - interval '100 days')::date and scopes.last_date
    and not {{ has_windows('this.metric_date', 'scopes') }};
analyze dirty_keys
{%- endif -%}
{%- endmacro %}

{#- Days of people who no longer take part, or did not then, and days that are too long ago: an increment only adds and replaces. -#}
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
using (
    select
        made.user_id,
        made.local_date
    from {{ relation }} as made
    cross join {{ ref('stg_policy__parameters') }} as policy
    left join periods
        on made.user_id = periods.user_id
    where
        made.local_date > policy.as_of_date
        or made.local_date < policy.persons_since_date
        or periods.user_id is null
        or not periods.spans @> tstzrange(made.starts_at, made.ends_at)
) as gone
where
    days.user_id = gone.user_id
    and days.local_date = gone.local_date
{%- endif %}
{%- endmacro %}
