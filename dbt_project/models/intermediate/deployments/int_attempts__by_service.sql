{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['source', 'source_id'],
    also_logs={'times': {'keys': ['service', 'ended_at']}},
    indexes=[{'columns': ['attempt_id']}, {'columns': ['source', 'source_id']}, {'columns': ['repository_id']}],
    pre_hook=dirty("
        select source, source_id
        from {{ this }}
        where source <> 'github_deployment'
        union all
        select 'github_deployment', source_id
        from {{ changed('int_attempts__of_github_deployments', ['source_id']) }} as deployments
        union all
        select this.source, this.source_id
        from (
            select repository_id
            from {{ changed('int_services__resolved', ['repository_id bigint'], log='repositories') }} as services
            union
            select repository_id
            from {{ changed('int_repositories__configured', ['repository_id bigint'], log='rules') }} as rules
        ) as repositories
        inner join {{ this }} as this
            on repositories.repository_id = this.repository_id
        union all
        select attempts.source, attempts.source_id
        from (
            select repository_id
            from {{ changed('int_services__resolved', ['repository_id bigint'], log='repositories') }} as services
            union
            select repository_id
            from {{ changed('int_repositories__configured', ['repository_id bigint'], log='rules') }} as rules
        ) as repositories
        inner join {{ ref('int_attempts__unioned') }} as attempts
            on repositories.repository_id = attempts.repository_id
    ")
) }}

-- One row per service, environment and try to deploy it to production.
with

attempts as (

    select * from {{ ref('int_attempts__unioned') }}
    {% if goes_on() %}
        where
            source <> 'github_deployment'
            or {{ are_dirty('source', 'source_id') }}
    {% endif %}

),

events as not materialized (

    select * from {{ ref('int_attempts__of_events') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

changes as not materialized (

    select * from {{ ref('int_changes__by_service') }}

),

-- What a service's own patterns say of an attempt; NULL where they name nothing that the attempt shows.
judged as (

    select
        attempts.*,
        services.service,
        services.repository_services_count,
        events.service = services.service as is_named_service,
        case
            when cardinality(services.workflow_patterns) > 0 and attempts.workflow_name is not null
                then
                    {{ matches_any('attempts.workflow_name', 'services.workflow_patterns') }}
                    or {{ matches_any('attempts.workflow_path', 'services.workflow_patterns') }}
        end as is_workflow_match,
        case
            when cardinality(services.job_patterns) > 0 and attempts.job_name is not null
                then {{ matches_any('attempts.job_name', 'services.job_patterns') }}
        end as is_job_match,
        case
            when cardinality(services.tag_patterns) > 0 and attempts.tag_name is not null
                then {{ matches_any('attempts.tag_name', 'services.tag_patterns') }}
        end as is_tag_match,
        case
            when cardinality(services.environment_patterns) = 0 then null
            when attempts.is_environment_told
                then {{ matches_any('attempts.environment', 'services.environment_patterns') }}
            -- Where a source knows no environment, the name of what deployed stands in for it.
            else
                services.repository_services_count = 1
                or {{ matches_any('attempts.environment', 'services.environment_patterns') }}
                or {{ matches_any('attempts.workflow_name', 'services.environment_patterns') }}
                or {{ matches_any('attempts.job_name', 'services.environment_patterns') }}
                or {{ matches_any('attempts.tag_name', 'services.environment_patterns') }}
        end as is_environment_match,
        not attempts.is_environment_told
        or {{ matches_any('attempts.environment', 'repositories.environment_patterns') }} as is_production,
        case
            when cardinality(services.path_prefixes) > 0 and attempts.change_id is not null
                then changes.change_id is not null
        end as is_path_match
    from attempts
    inner join services
        on attempts.repository_id = services.repository_id
    inner join repositories
        on attempts.repository_id = repositories.repository_id
    left join events
        on
            attempts.source = events.source
            and attempts.environment = events.environment
            and attempts.source_id = events.source_id
            and attempts.attempt = events.attempt
    left join changes
        on
            services.service = changes.service
            and attempts.change_id = changes.change_id

),

-- What names a job says more than what names its workflow, and either says more than the stand-in for an environment.
named as (

    select
        judged.*,
        coalesce(judged.is_job_match, judged.is_tag_match, judged.is_path_match, judged.is_workflow_match)
            as is_name_match
    from judged

),

matched as (

    select
        named.*,
        coalesce(named.is_named_service, named.is_name_match, named.is_environment_match) is not null as is_by_pattern,
        case
            -- An event may name its service; then its environment only has to be production for somebody.
            when named.is_named_service is not null
                then named.is_named_service and (coalesce(named.is_environment_match, false) or named.is_production)
            when named.is_name_match is null then coalesce(named.is_environment_match, named.is_production)
            when named.is_environment_told
                then named.is_name_match and coalesce(named.is_environment_match, named.is_production)
            else named.is_name_match
        end as is_match
    from named

),

-- A service without patterns of its own takes what no sibling claims.
ranked as (

    select
        matched.*,
        bool_or(matched.is_by_pattern) over (
            partition by matched.repository_id, matched.environment, matched.source, matched.source_id, matched.attempt
        ) as is_claimed
    from matched
    where matched.is_match

)

select
    service || '/' || environment || '/' || source || '/' || source_id || '/' || attempt as attempt_id,
    service,
    repository_id,
    environment,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    is_assumed
from ranked
where is_by_pattern or not is_claimed
