{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='repository_id',
    also_logs={
        'rules': {
            'keys': ['repository_id'],
            'seen': [
                'repository_id', 'repository', 'name_with_owner', 'default_branch', 'sources', 'environment_patterns',
                'workflow_patterns', 'job_patterns', 'tag_patterns', 'branch',
            ],
        },
        'names': {'keys': ['repository'], 'seen': ['repository_id', 'repository']},
        'births': {'keys': ['repository_id'], 'seen': ['repository_id', 'created_at']},
    }
) }}

-- One row per repository, with the rule that says how its deployments are recognised.
with

repositories as (

    select * from {{ ref('stg_github__repositories') }}

),

rules as (

    select * from {{ ref('stg_policy__deployment_rules') }}

),

first_rules as (

    select distinct on (repositories.repository_id)
        repositories.repository_id,
        rules.rule_position,
        rules.sources,
        rules.environment_patterns,
        rules.workflow_patterns,
        rules.job_patterns,
        rules.tag_patterns,
        rules.branch
    from repositories
    inner join rules
        on {{ matches_any('repositories.repository', 'rules.repository_patterns') }}
    order by repositories.repository_id, rules.rule_position

)

select
    repositories.repository_id,
    repositories.repository,
    repositories.name_with_owner,
    repositories.default_branch,
    repositories.head_oid,
    repositories.is_archived,
    repositories.is_gone,
    repositories.created_at,
    first_rules.rule_position,
    coalesce(first_rules.sources, '{branch}') as sources,
    coalesce(first_rules.environment_patterns, '{}') as environment_patterns,
    coalesce(first_rules.workflow_patterns, '{}') as workflow_patterns,
    coalesce(first_rules.job_patterns, '{}') as job_patterns,
    coalesce(first_rules.tag_patterns, '{}') as tag_patterns,
    coalesce(first_rules.branch, repositories.default_branch) as branch
from repositories
left join first_rules
    on repositories.repository_id = first_rules.repository_id
