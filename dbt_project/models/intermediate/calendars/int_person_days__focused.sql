{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['user_id', 'local_date'],
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['user_id', 'local_date'], 'unique': true},
        {'columns': ['local_date']},
        {'columns': ['made_at_version']},
    ],
    pre_hook=["set local enable_nestloop = off", "set local work_mem = '256MB'"],
    post_hook=["{{ delete_unexpected_person_days(this) }}", "analyze {{ this }}"]
) }}

-- depends_on: {{ ref('stg_policy__parameters') }}, {{ ref('stg_people__participants') }}
-- depends_on: {{ ref('stg_people__settings') }}
-- One row per participant and local day: working hours, hours out of office and in meetings, focus hours, context
-- switches; all of them missing where the calendar is not known for the whole day.
-- Only days that are new, or whose events, bounds or knowledge have changed, are made again.
-- How many days are due cannot be estimated, and loops over them would take for ever: hence the hooks, the steps kept
-- materialized, and the one lateral join, which finds each person's entries by index, once.
with

expected as (

    select * from {{ ref('int_person_days__expected') }}

),

changes as not materialized (

    select * from {{ ref('stg_calendars__changes') }}

),

calendars as (

    select distinct
        user_id,
        calendar_key
    from {{ ref('stg_calendars__collections') }}

),

newest as materialized (

    select coalesce(max(version_id), 0) as version_id
    from changes
    where is_newest

),

{% if is_incremental() %}
    mark as materialized (

        select coalesce(max(made_at_version), 0) as version_id from {{ this }}

    ),

    moved as materialized (

        select
            event_key,
            calendar_key,
            starts_text,
            ends_text
        from changes
        where is_newest and version_id > (select mark.version_id from mark)

    ),

    -- Where what has changed stands now, and where it stood before. A day either side, as zones are not looked at.
    touched as (

        select distinct
            calendars.user_id,
            days.day::date as local_date
        from (
            select
                calendar_key,
                starts_text,
                ends_text
            from moved
            union all
            select
                changes.calendar_key,
                changes.starts_text,
                changes.ends_text
            from moved
            inner join changes
                on moved.event_key = changes.event_key
            where not changes.is_newest
        ) as places
        inner join calendars
            on places.calendar_key = calendars.calendar_key
        cross join (
            select
                min(local_date) as first_date,
                max(local_date) as last_date
            from expected
        ) as bounds
        cross join
            lateral generate_series(
                greatest(left(places.starts_text, 10)::date - 1, bounds.first_date),
                least(left(places.ends_text, 10)::date + 1, bounds.last_date),
                interval '1 day'
            ) as days (day)

    ),
{% endif %}

due as materialized (

    select expected.*
    from expected
    {% if is_incremental() %}
        left join {{ this }} as made
            on
                expected.user_id = made.user_id
                and expected.local_date = made.local_date
        left join touched
            on
                expected.user_id = touched.user_id
                and expected.local_date = touched.local_date
        where
            made.user_id is null
            or touched.user_id is not null
            or made.is_known <> expected.is_known
            or made.starts_at <> expected.starts_at
            or made.work_starts_at is distinct from expected.work_starts_at
            or made.work_ends_at is distinct from expected.work_ends_at
    {% endif %}

),

due_calendars as materialized (

    select
        calendars.calendar_key,
        due.user_id,
        due.time_zone,
        min(due.local_date) as first_date,
        max(due.local_date) as last_date
    from due
    inner join calendars
        on due.user_id = calendars.user_id
    where due.is_known
    group by calendars.calendar_key, due.user_id, due.time_zone

),

entries as materialized (

    select
        owners.user_id,
        owners.time_zone,
        owners.first_date,
        owners.last_date,
        judged.is_busy,
        judged.is_meeting,
        judged.is_out_of_office,
        case
            when judged.is_all_day then left(judged.starts_text, 10)::timestamp at time zone owners.time_zone
            else judged.starts_text::timestamptz
        end as starts_at,
        case
            when judged.is_all_day then left(judged.ends_text, 10)::timestamp at time zone owners.time_zone
            else judged.ends_text::timestamptz
        end as ends_at
    from due_calendars as owners
    cross join
        lateral (
            select
                found.is_all_day,
                found.is_busy,
                found.is_meeting,
                found.is_out_of_office,
                found.starts_text,
                found.ends_text
            from {{ ref('int_calendar_events__judged') }} as found
            where
                found.calendar_key = owners.calendar_key
                and found.ends_text >= to_char(owners.first_date - 1, 'YYYY-MM-DD')
                and found.starts_text < to_char(owners.last_date + 2, 'YYYY-MM-DD')
            offset 0  -- noqa: AM09
        ) as judged

),

dated as (

    select
        user_id,
        is_busy,
        is_meeting,
        is_out_of_office,
        tstzrange(starts_at, ends_at) as span,
        greatest((starts_at at time zone time_zone)::date, first_date) as first_date,
        least(((ends_at - interval '1 microsecond') at time zone time_zone)::date, last_date) as last_date
    from entries
    where starts_at < ends_at

),

-- An entry stands on each local day that it touches.
spread as materialized (

    select
        dated.user_id,
        dated.first_date + days.number as local_date,
        dated.span,
        dated.is_busy,
        dated.is_meeting,
        dated.is_out_of_office
    from dated
    cross join lateral generate_series(0, dated.last_date - dated.first_date) as days (number)

),

placed as (

    select
        spread.user_id,
        spread.local_date,
        spread.span,
        spread.is_busy,
        spread.is_meeting,
        due.starts_at as day_starts_at,
        coalesce(
            range_agg(spread.span) filter (where spread.is_out_of_office) over same_day, '{}'::tstzmultirange
        ) as away
    from spread
    inner join due
        on
            spread.user_id = due.user_id
            and spread.local_date = due.local_date
    where due.is_known
    window same_day as (partition by spread.user_id, spread.local_date)

),

-- Nobody who is away attends a meeting.
attended as (

    select
        *,
        is_meeting and not span <@ away as is_attended,
        max(upper(span)) filter (where is_meeting and not span <@ away) over (
            partition by user_id, local_date
            order by lower(span), upper(span)
            rows between unbounded preceding and 1 preceding
        ) as last_meeting_ended_at
    from placed

),

days as (

    select
        user_id,
        local_date,
        range_agg(span) as taken,
        range_agg(span) filter (where is_attended) as met,
        away,
        count(*) filter (
            where is_attended
            and lower(span) >= day_starts_at
            and lower(span) - last_meeting_ended_at >= interval '0'
            and lower(span) - last_meeting_ended_at < interval '30 minutes'
        )::int as switches
    from attended
    group by user_id, local_date, away

),

laid_out as (

    select
        due.*,
        days.switches,
        case
            when due.work_starts_at < due.work_ends_at
                then tstzmultirange(tstzrange(due.work_starts_at, due.work_ends_at))
            else '{}'::tstzmultirange
        end as work,
        coalesce(days.taken, '{}') as taken,
        coalesce(days.met, '{}') * tstzmultirange(tstzrange(due.starts_at, due.ends_at))
        - coalesce(days.away, '{}') as met,
        coalesce(days.away, '{}') as away
    from due
    left join days
        on
            due.user_id = days.user_id
            and due.local_date = days.local_date

),

measured as materialized (

    select
        laid_out.*,
        {{ hours_of('laid_out.work') }} as work_hours,
        {{ hours_of('laid_out.work * laid_out.away') }} as away_hours,
        {{ hours_of('laid_out.met') }} as met_hours,
        (
            select coalesce(sum(extract(epoch from upper(gaps.span) - lower(gaps.span))), 0) / 3600
            from unnest(laid_out.work - laid_out.taken) as gaps (span)
            where upper(gaps.span) - lower(gaps.span) >= interval '2 hours'
        ) as gap_hours
    from laid_out

)

select
    measured.user_id,
    measured.local_date,
    measured.time_zone,
    measured.starts_at,
    measured.ends_at,
    measured.work_starts_at,
    measured.work_ends_at,
    measured.is_known,
    case when measured.is_known then trim_scale(round(measured.work_hours, 4)) end as working_hours,
    case when measured.is_known then trim_scale(round(measured.away_hours, 4)) end as out_of_office_hours,
    case when measured.is_known then trim_scale(round(measured.met_hours, 4)) end as meeting_hours,
    case when measured.is_known then trim_scale(round(measured.gap_hours, 4)) end as focus_hours,
    case when measured.is_known then coalesce(measured.switches, 0) end as context_switches,
    case
        when measured.is_known
            then trim_scale(round(100 * measured.gap_hours / nullif(measured.work_hours - measured.away_hours, 0), 4))
    end as deep_work_pct,
    newest.version_id as made_at_version
from measured
cross join newest
