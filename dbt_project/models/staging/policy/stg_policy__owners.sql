-- One row per service and owner that roosevelt.toml declares.
select
    service,
    team,
    since as owned_since
from {{ source('raw', 'policy_owners') }}
