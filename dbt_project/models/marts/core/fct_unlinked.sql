-- One row per thing that found no counterpart, or broke a rule of time, with the reason: listed, not lost.
with

incidents as (

    select * from {{ ref('fct_incidents') }}

),

changes as not materialized (

    select * from {{ ref('fct_changes') }}

),

pull_requests as (

    select * from {{ ref('fct_pull_requests') }}

),

deployments as not materialized (

    select * from {{ ref('fct_deployments') }}

),

attempts as (

    select * from {{ ref('int_attempts__unioned') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

service_attempts as (

    select * from {{ ref('fct_deployment_attempts') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

services as (

    select * from {{ ref('dim_services') }}

),

declared as (

    select * from {{ ref('stg_policy__services') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

spans as (

    select
        deployments.service,
        min(deployments.deployed_at) as first_deployed_at,
        max(deployments.started_at) as last_started_at
    from deployments
    group by deployments.service

),

unlinked_incidents as (

    select
        'incident' as subject_type,
        incidents.incident_id as subject_id,
        incidents.repository,
        coalesce(incidents.service, incidents.told_service) as service,
        incidents.opened_at as happened_at,
        case
            when incidents.is_external then 'external'
            when incidents.service is null then 'no_service'
            when spans.first_deployed_at <= incidents.opened_at then 'no_deployment_within_window'
            else 'no_deployment_before'
        end as reason
    from incidents
    left join spans
        on incidents.service = spans.service
    where
        incidents.deployment_id is null
        and not incidents.is_excluded

),

left_out_incidents as (

    select
        'incident' as subject_type,
        incidents.incident_id as subject_id,
        incidents.repository,
        coalesce(incidents.service, incidents.told_service) as service,
        incidents.opened_at as happened_at,
        case when incidents.is_excluded then 'duplicate_or_not_planned' else 'closed_before_opened' end as reason
    from incidents
    where
        incidents.is_excluded
        or incidents.resolved_at < incidents.opened_at

),

undeployed_changes as (

    select
        'change' as subject_type,
        changes.service || '/' || changes.change_id as subject_id,
        changes.repository,
        changes.service,
        changes.merged_at as happened_at,
        case
            when changes.kind = 'stacked' then 'stacked_and_not_deployed'
            when spans.last_started_at > changes.merged_at then 'in_no_later_deployment'
            else 'not_yet_deployed'
        end as reason
    from changes
    left join spans
        on changes.service = spans.service
    where changes.deployment_id is null

),

unmeasured_changes as (

    select
        'change' as subject_type,
        changes.service || '/' || changes.change_id as subject_id,
        changes.repository,
        changes.service,
        changes.merged_at as happened_at,
        case
            when changes.lead_time_missing_reason = 'negative' then 'deployed_before_its_commits'
            else changes.lead_time_missing_reason
        end as reason
    from changes
    where changes.lead_time_missing_reason in ('negative', 'no_commits')

),

serviceless_pull_requests as (

    select
        'pull_request' as subject_type,
        pull_requests.change_id as subject_id,
        pull_requests.repository,
        null as service,
        pull_requests.merged_at as happened_at,
        'touches_no_service' as reason
    from pull_requests
    where pull_requests.services_count = 0

),

unclaimed_attempts as (

    select
        'attempt' as subject_type,
        attempts.environment || '/' || attempts.source || '/' || attempts.source_id || '/' || attempts.attempt
            as subject_id,
        repositories.repository,
        null as service,
        attempts.started_at as happened_at,
        'environment_of_no_service' as reason
    from attempts
    inner join repositories
        on attempts.repository_id = repositories.repository_id
    left join service_attempts
        on
            attempts.source = service_attempts.source
            and attempts.environment = service_attempts.environment
            and attempts.source_id = service_attempts.source_id
            and attempts.attempt = service_attempts.attempt
    where service_attempts.attempt_id is null

),

unplaced_events as (

    select
        'attempt' as subject_type,
        events.environment || '/event/' || events.source_id || '/' || events.attempt as subject_id,
        events.told_repository as repository,
        events.told_service as service,
        events.started_at as happened_at,
        events.unplaced_reason as reason
    from events
    where events.unplaced_reason is not null

),

unknown_shas as (

    select
        'deployment' as subject_type,
        deployments.deployment_id as subject_id,
        deployments.repository,
        deployments.service,
        deployments.deployed_at as happened_at,
        'sha_not_in_history' as reason
    from deployments
    where deployments.containment_method = 'time'

),

ownerless_services as (

    select
        'service' as subject_type,
        services.service as subject_id,
        services.repository,
        services.service,
        services.first_deployed_at as happened_at,
        'no_team' as reason
    from services
    where services.team is null

),

-- What the policy names has no repository that was ever found, perhaps because it was renamed.
homeless_services as (

    select
        'service' as subject_type,
        declared.service as subject_id,
        declared.repository,
        declared.service,
        null::timestamptz as happened_at,
        'unknown_repository' as reason
    from declared
    left join services
        on declared.service = services.service
    where services.service is null

),

idle_teams as (

    select
        'team' as subject_type,
        teams.team as subject_id,
        null as repository,
        null as service,
        null::timestamptz as happened_at,
        'no_service' as reason
    from teams
    where
        teams.services_count = 0
        and not teams.is_former

)

select * from unlinked_incidents
union all
select * from left_out_incidents
union all
select * from undeployed_changes
union all
select * from unmeasured_changes
union all
select * from serviceless_pull_requests
union all
select * from unclaimed_attempts
union all
select * from unplaced_events
union all
select * from unknown_shas
union all
select * from ownerless_services
union all
select * from homeless_services
union all
select * from idle_teams
