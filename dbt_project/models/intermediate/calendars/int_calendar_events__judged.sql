{{ config(materialized='view', post_hook=[]) }}

-- One row per entry of a calendar that takes time: whether it is busy, a meeting, or being away.
with

events as (

    select * from {{ ref('stg_calendars__events') }}

)

-- Where one works, birthdays and focus-time blocks keep nobody from focus. A type not known yet counts as default.
select
    event_key,
    calendar_key,
    is_all_day,
    starts_text,
    ends_text,
    event_type = 'outOfOffice' as is_out_of_office,
    event_type <> 'outOfOffice' as is_busy,
    event_type <> 'outOfOffice' and not is_all_day and coalesce(attendees_count >= 2, false) as is_meeting
from events
where
    event_status <> 'cancelled'
    and transparency <> 'transparent'
    and own_answer is distinct from 'declined'
    and event_type not in ('focusTime', 'workingLocation', 'birthday')
