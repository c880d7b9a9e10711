-- One row per participant: zone, working hours and days, country, team. Of two accounts of one person the newest.
with

settings as (

    select * from {{ source('raw', 'people_settings') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select distinct on (coalesce(people.canonical_user_id, settings.user_id))
    coalesce(people.canonical_user_id, settings.user_id) as user_id,
    settings.time_zone,
    settings.workday_start,
    settings.workday_end,
    settings.working_days,
    settings.country,
    settings.team,
    settings.observed_at
from settings
left join people
    on settings.user_id = people.user_id
order by coalesce(people.canonical_user_id, settings.user_id) asc, settings.observed_at desc, settings.user_id asc
