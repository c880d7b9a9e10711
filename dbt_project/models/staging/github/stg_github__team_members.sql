-- One row per GitHub team and person in it.
with

objects as (

    select *
    from {{ source('raw', 'github_team_members') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select distinct on (team_id, user_id)
    (objects.payload ->> 'team_id')::bigint as team_id,
    coalesce(people.canonical_user_id, (objects.payload ->> 'user_id')::uuid) as user_id,
    objects.payload ->> 'role' as team_role,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'user_id')::uuid = people.user_id
order by team_id, user_id, team_role
