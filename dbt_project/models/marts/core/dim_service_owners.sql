-- One row per service and stretch of time in which a team owned it.
select
    service,
    team,
    owned_since as valid_from,
    owned_until as valid_to,
    is_assumed as is_valid_from_assumed,
    time_zone
from {{ ref('int_services__owned') }}
where team is not null
