{{ config(materialized='view', post_hook=[]) }}

-- One row per participant and local day that lies wholly in a period of taking part and is not too long ago to be kept:
-- its bounds, its working hours, and whether all of the person's calendars have been read for the whole of it.
with

participants as (

    select * from {{ ref('stg_people__participants') }}

),

settings as (

    select * from {{ ref('stg_people__settings') }}

),

collections as (

    select * from {{ ref('stg_calendars__collections') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- A period that follows another without a gap goes on with it.
periods as (

    select
        user_id,
        range_agg(tstzrange(started_at, ended_at)) as spans
    from participants
    group by user_id

),

known as (

    select
        user_id,
        range_agg(tstzrange(known_from, known_until)) as spans
    from collections
    where outcome = 'complete'
    group by user_id

),

hours as (

    select distinct
        time_zone,
        workday_start,
        workday_end
    from settings

),

-- Worked out once for all people of a zone with the same hours.
clocks as (

    select
        hours.time_zone,
        hours.workday_start,
        hours.workday_end,
        days.day::date as local_date,
        extract(isodow from days.day)::int as weekday,
        days.day::timestamp at time zone hours.time_zone as starts_at,
        (days.day::timestamp + '1 day') at time zone hours.time_zone as ends_at,
        (days.day::date + hours.workday_start) at time zone hours.time_zone as work_starts_at,
        (days.day::date + hours.workday_end) at time zone hours.time_zone as work_ends_at
    from hours
    cross join policy
    cross join
        lateral generate_series(
            greatest((select min(started_at) from participants)::date, policy.persons_since_date),
            policy.as_of_date,
            interval '1 day'
        ) as days (day)

)

select
    periods.user_id,
    clocks.local_date,
    settings.time_zone,
    clocks.starts_at,
    clocks.ends_at,
    case when clocks.weekday = any(settings.working_days) then clocks.work_starts_at end as work_starts_at,
    case when clocks.weekday = any(settings.working_days) then clocks.work_ends_at end as work_ends_at,
    coalesce(known.spans @> tstzrange(clocks.starts_at, clocks.ends_at), false) as is_known
from periods
inner join settings
    on periods.user_id = settings.user_id
inner join clocks
    on
        settings.time_zone = clocks.time_zone
        and settings.workday_start = clocks.workday_start
        and settings.workday_end = clocks.workday_end
        and periods.spans @> tstzrange(clocks.starts_at, clocks.ends_at)
left join known
    on periods.user_id = known.user_id
