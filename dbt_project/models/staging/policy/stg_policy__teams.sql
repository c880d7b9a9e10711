-- One row per team that roosevelt.toml names.
select
    team,
    github_slug,
    timezone as time_zone
from {{ source('raw', 'policy_teams') }}
