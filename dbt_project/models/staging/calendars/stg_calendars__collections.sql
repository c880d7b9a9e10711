-- One row per run and person whose calendars were read, or could not be, under the person's lasting pseudonym.
with

collections as (

    select * from {{ source('raw', 'calendar_collections') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    collections.run_id,
    coalesce(people.canonical_user_id, collections.user_id) as user_id,
    collections.user_id::text as calendar_key,
    collections.lane,
    collections.started_at,
    collections.ended_at,
    collections.outcome,
    collections.known_from,
    collections.known_until,
    collections.error
from collections
left join people
    on collections.user_id = people.user_id
