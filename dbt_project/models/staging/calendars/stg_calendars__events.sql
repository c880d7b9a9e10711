-- One row per entry of a participant's calendar, occurrences of what recurs included, as it was last read.
select
    natural_key as event_key,
    scope as calendar_key,
    payload ->> 'event_type' as event_type,
    payload ->> 'status' as event_status,
    payload ->> 'transparency' as transparency,
    payload ->> 'answer' as own_answer,
    (payload ->> 'attendees_count')::int as attendees_count,
    (payload ->> 'is_all_day')::boolean as is_all_day,
    payload ->> 'start' as starts_text,
    payload ->> 'end' as ends_text,
    version_id
from {{ source('raw', 'calendar_events') }}
where not deleted
