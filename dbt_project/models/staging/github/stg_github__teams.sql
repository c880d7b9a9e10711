-- One row per GitHub team.
with

objects as (

    select *
    from {{ source('raw', 'github_teams') }}
    where not deleted

)

select
    (payload ->> 'team_id')::bigint as team_id,
    payload ->> 'slug' as github_slug,
    payload ->> 'parent_slug' as parent_slug,
    observed_at
from objects
