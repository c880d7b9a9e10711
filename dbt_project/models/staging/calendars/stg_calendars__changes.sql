-- One row per version of an entry of a calendar, the newest included: where it stood, and since when it is known.
select
    natural_key as event_key,
    scope as calendar_key,
    payload ->> 'start' as starts_text,
    payload ->> 'end' as ends_text,
    version_id,
    true as is_newest
from {{ source('raw', 'calendar_events') }}

union all

select
    natural_key as event_key,
    scope as calendar_key,
    payload ->> 'start' as starts_text,
    payload ->> 'end' as ends_text,
    version_id,
    false as is_newest
from {{ source('raw', 'calendar_events_versions') }}
