-- One row per service, environment and try to deploy it to production.
with

attempts as (

    select * from {{ ref('int_attempts__unioned') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

-- A service's own environments say what production is for it; without any, the repository's rule does.
-- Where a source knows no environment, the name of the workflow stands in for it. An event may name its service.
matched as (

    select
        attempts.*,
        services.service,
        cardinality(services.environment_patterns) > 0 as is_by_pattern,
        case
            when events.service is not null
                then
                    events.service = services.service
                    and (
                        {{ matches_any('attempts.environment', 'services.environment_patterns') }}
                        or {{ matches_any('attempts.environment', 'repositories.environment_patterns') }}
                    )
            when cardinality(services.environment_patterns) = 0
                then
                    attempts.source not in ('github_deployment', 'event')
                    or {{ matches_any('attempts.environment', 'repositories.environment_patterns') }}
            when attempts.source in ('github_deployment', 'event')
                then {{ matches_any('attempts.environment', 'services.environment_patterns') }}
            else
                services.repository_services_count = 1
                or {{ matches_any('attempts.environment', 'services.environment_patterns') }}
                or {{ matches_any('attempts.workflow_name', 'services.environment_patterns') }}
        end as is_match
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

),

-- A service without environments of its own takes what no sibling claims.
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
