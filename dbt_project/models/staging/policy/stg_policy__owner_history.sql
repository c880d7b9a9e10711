-- One row per service and day on which its team in roosevelt.toml was seen to be another.
select
    service,
    team,
    since as seen_on,
    timezone as time_zone
from {{ source('raw', 'policy_owner_history') }}
