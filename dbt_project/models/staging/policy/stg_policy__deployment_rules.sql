-- One row per rule on how deployments of some repositories are recognised; the lowest position that matches holds.
select
    position as rule_position,
    repositories as repository_patterns,
    sources,
    environments as environment_patterns,
    workflows as workflow_patterns,
    jobs as job_patterns,
    tags as tag_patterns,
    branch
from {{ source('raw', 'policy_deployment_rules') }}
