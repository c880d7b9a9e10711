{#- For how many days back every day has its windows; before that, only the last day of each ISO week. -#}
{% macro daily_windows_days() -%}92{%- endmacro %}

{% macro has_windows(day, scope) -%}
({{ day }} > {{ scope }}.last_date - {{ daily_windows_days() }} or extract(isodow from {{ day }}) = 7)
{%- endmacro %}

{#- Whether a date lies in one of a relation's spans of days, as an array, so that an index is used. -#}
{% macro is_near(date, relation, first_date, last_date) -%}
{{ date }} = any(array(
    select distinct near.date::date
    from (select distinct {{ first_date }} as first_date, {{ last_date }} as last_date from {{ relation }}) as spans
    cross join lateral generate_series(spans.first_date, spans.last_date, '1 day') as near (date)
))
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

{#- Of each service, the attempts and the model's own rows from the first of these times on: a deployment's place is settled
    by those before it. An attempt that goes on has no end, and comes last. For ``dirty``. -#}
{% macro since_first_change(times, key, ended_at) -%}
{{ return("
    with

    begins as (
        select service, coalesce(min(ended_at), 'infinity') as begins_at
        from (" ~ times ~ ") as times
        group by service
    )

    select attempts.attempt_id as " ~ key ~ ", begins.service
    from begins
    inner join {{ ref('int_attempts__by_service') }} as attempts
        on begins.service = attempts.service
    where coalesce(attempts.ended_at, 'infinity') >= begins.begins_at
    union all
    select this." ~ key ~ ", begins.service
    from begins
    inner join {{ this }} as this
        on begins.service = this.service
    where this." ~ ended_at ~ " >= begins.begins_at
") }}
{%- endmacro %}

{#- Days of repositories: those that are new, all of one whose first day or name is another, days on which something was
    merged that is told otherwise now, and those upon which a report, a count of lines or a defect bears. -#}
{% macro dirty_repository_days() -%}
{%- if goes_on() -%}
create temporary table dirty_keys on commit drop as
with

policy as (select * from {{ ref('stg_policy__parameters') }}),

repositories as (select repository_id, repository from {{ ref('int_repositories__configured') }}),

names as (select repository from {{ changed('int_repositories__configured', ['repository'], log='names') }} as names),

measured as (
    select
        scopes.scope as repository,
        scopes.first_date,
        scopes.last_date,
        newest.date as last_measured,
        oldest.date is distinct from scopes.first_date or scopes.scope in (select names.repository from names) as is_other
    from {{ ref('int_scopes__observed') }} as scopes
    left join lateral (
        select max(this.date) as date from {{ this }} as this where this.repository = scopes.scope
    ) as newest on true
    left join lateral (
        select min(this.date) as date from {{ this }} as this where this.repository = scopes.scope
    ) as oldest on true
    where scopes.scope_type = 'repository'
),

merges as (
    select repository_id, merged_at
    from {{ changed('int_pull_requests__readied', ['repository_id bigint', 'merged_at timestamptz'], log='merges') }} as merged
    union
    select pull_requests.repository_id, pull_requests.merged_at
    from {{ changed('int_reviews__given', ['pull_request_id bigint']) }} as reviews
    inner join {{ ref('int_pull_requests__readied') }} as pull_requests
        on reviews.pull_request_id = pull_requests.pull_request_id
),

reports as (
    select
        payload ->> 'repository' as repository,
        {{ local_date("(payload ->> 'measured_at')::timestamptz", "policy.time_zone") }} as measured_date
    from {{ landed('coverage_reports') }} as landed
    cross join policy
),

counts as (
    select
        landed.payload ->> 'repository' as repository,
        min({{ local_date("(landed.payload ->> 'counted_at')::timestamptz", "policy.time_zone") }}) as counted_date
    from {{ landed('repository_lines') }} as landed
    cross join policy
    group by landed.payload ->> 'repository'
),

-- The first count holds for the days before it as well.
first_counts as (
    select
        counts.repository,
        counts.counted_date,
        not exists (
            select 1 from {{ ref('stg_quality__repository_lines') }} as others
            where
                others.repository = counts.repository
                and {{ local_date("others.counted_at", "policy.time_zone") }} < counts.counted_date
        ) as is_first
    from counts
    cross join policy
)

select measured.repository, days.date::date as date
from measured
cross join lateral generate_series(
    case when measured.is_other then measured.first_date else measured.last_measured + 1 end,
    measured.last_date,
    '1 day'
) as days (date)
union
select this.repository, this.date
from measured
inner join {{ this }} as this
    on measured.repository = this.repository
where measured.is_other or (measured.last_measured > measured.last_date and this.date > measured.last_date)
union
select this.repository, this.date
from {{ changed('int_scopes__observed', ['scope_type', 'scope']) }} as gone
inner join {{ this }} as this
    on gone.scope = this.repository
where
    gone.scope_type = 'repository'
    and not exists (
        select 1 from {{ ref('int_scopes__observed') }} as scopes
        where scopes.scope_type = 'repository' and scopes.scope = gone.scope
    )
union
select repositories.repository, {{ local_date("merges.merged_at", "policy.time_zone") }}
from merges
cross join policy
inner join repositories
    on merges.repository_id = repositories.repository_id
where merges.merged_at is not null
union
select reports.repository, reports.measured_date + days.lag
from reports
cross join generate_series(0, 89) as days (lag)
union
select measured.repository, days.date::date
from first_counts
inner join measured
    on first_counts.repository = measured.repository
cross join lateral generate_series(
    case when first_counts.is_first then measured.first_date else first_counts.counted_date end, measured.last_date, '1 day'
) as days (date)
union
select repositories.repository, {{ local_date("(landed.payload ->> 'created_at')::timestamptz", "policy.time_zone") }}
from {{ landed('github_issues') }} as landed
cross join policy
inner join repositories
    on (landed.payload ->> 'repository_id')::bigint = repositories.repository_id;
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
