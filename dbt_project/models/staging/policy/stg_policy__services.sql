-- One row per service that roosevelt.toml names.
select
    position as service_position,
    service,
    repository,
    team,
    environments as environment_patterns,
    workflows as workflow_patterns,
    jobs as job_patterns,
    tags as tag_patterns,
    paths as path_prefixes
from {{ source('raw', 'policy_services') }}
