{{ config(materialized='view', post_hook=[]) }}

-- One row per metric, event and reason for which the event is left out of the metric.
-- A view: what is left out stands where it happened, and each metric looks at what could have been its own.
with

deployments as not materialized (

    select * from {{ ref('fct_deployments') }}

),

attempts as not materialized (

    select * from {{ ref('fct_deployment_attempts') }}

),

changes as not materialized (

    select * from {{ ref('fct_changes') }}

),

pull_requests as not materialized (

    select * from {{ ref('fct_pull_requests') }}

),

incidents as not materialized (

    select * from {{ ref('fct_incidents') }}

),

unlinked as not materialized (

    select * from {{ ref('fct_unlinked') }}

),

owners as not materialized (

    select * from {{ ref('int_services__owned') }}

),

-- What brought nothing new to production, or never came to an end there.
other_attempts as not materialized (

    select
        attempts.attempt_id as item_id,
        attempts.service,
        attempts.team,
        attempts.repository,
        coalesce(attempts.ended_at, attempts.started_at) as happened_at,
        attempts.outcome = 'in_progress' as is_pending,
        case attempts.outcome
            when 'failure' then 'attempt_failed'
            when 'cancelled' then 'attempt_cancelled'
            when 'in_progress' then 'attempt_in_progress'
            else 'same_sha_again'
        end as reason
    from attempts
    where not attempts.is_deployment

    union all

    select
        unlinked.subject_id as item_id,
        unlinked.service,
        null as team,
        unlinked.repository,
        unlinked.happened_at,
        false as is_pending,
        unlinked.reason
    from unlinked
    where unlinked.subject_type = 'attempt'

),

attempt_exclusions as (

    select
        measures.metric,
        'attempt' as item_type,
        other_attempts.*,
        true as is_organizations
    from other_attempts
    cross join
        (
            values
            ('deployment_frequency_per_day'),
            ('deployment_active_days_pct'),
            ('change_failure_rate_pct'),
            ('change_failure_rate_excluding_time_pct'),
            ('deployment_rework_rate_pct'),
            ('deployment_attempt_failure_rate_pct')
        ) as measures (metric)
    where
        measures.metric <> 'deployment_attempt_failure_rate_pct'
        or other_attempts.reason not in ('attempt_failed', 'same_sha_again')

),

-- An incident that no deployment answers for makes none a failure.
blameless_incidents as (

    select
        measures.metric,
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        incidents.team,
        incidents.repository,
        incidents.opened_at as happened_at,
        false as is_pending,
        unlinked.reason,
        true as is_organizations
    from incidents
    inner join unlinked
        on incidents.incident_id = unlinked.subject_id
    cross join
        (values ('change_failure_rate_pct'), ('change_failure_rate_excluding_time_pct')) as measures (metric)
    where
        unlinked.subject_type = 'incident'
        and unlinked.reason <> 'closed_before_opened'

),

recovery_exclusions as (

    select
        'failed_deployment_recovery_time_hours' as metric,
        'deployment' as item_type,
        deployments.deployment_id as item_id,
        deployments.service,
        deployments.team,
        deployments.repository,
        deployments.deployed_at as happened_at,
        deployments.recovered_at is null as is_pending,
        case
            when deployments.recovered_at is null then 'not_yet_recovered'
            else 'recovered_before_its_end'
        end as reason,
        true as is_organizations
    from deployments
    where
        deployments.is_failed
        and deployments.recovery_time_hours is null

),

undeployed as not materialized (

    select * from unlinked
    where
        subject_type = 'change'
        and reason not in ('deployed_before_its_commits', 'no_commits')

),

-- The first reason that applies to whatever is asked of a change; what a change lacks of one metric comes after it.
judged_changes as not materialized (

    select
        changes.*,
        case
            when changes.is_bot then 'machine'
            when changes.deployment_id is null then coalesce(undeployed.reason, 'not_deployed')
            when changes.is_first_deployment then 'first_deployment'
        end as reason,
        undeployed.reason as undeployed_reason
    from changes
    left join undeployed
        on changes.service || '/' || changes.change_id = undeployed.subject_id

),

change_exclusions as (

    select
        measures.metric,
        'change' as item_type,
        changes.service || '/' || changes.change_id as item_id,
        changes.service,
        changes.team,
        changes.repository,
        coalesce(changes.deployed_at, changes.merged_at) as happened_at,
        coalesce(changes.undeployed_reason = 'not_yet_deployed', false) as is_pending,
        measures.reason,
        true as is_organizations
    from judged_changes as changes
    cross join
        lateral (
            values
            (
                'change_lead_time_hours',
                coalesce(
                    changes.reason,
                    case
                        when changes.lead_time_hours is not null then null
                        when changes.first_commit_at is null then 'no_commits'
                        else 'deployed_before_its_commits'
                    end
                )
            ),
            (
                'coding_time_hours',
                coalesce(
                    changes.reason,
                    case
                        when changes.coding_time_hours is not null then null
                        when changes.pull_request_number is null then 'no_pull_request'
                        when changes.first_commit_at is null then 'no_commits'
                        when changes.ready_at is null then 'never_ready'
                        else 'ready_before_its_commits'
                    end
                )
            ),
            (
                'pickup_time_hours',
                coalesce(
                    changes.reason,
                    case
                        when changes.pickup_time_hours is not null then null
                        when changes.pull_request_number is null then 'no_pull_request'
                        when changes.first_review_at is null then 'no_review_by_another'
                        when changes.ready_at is null then 'never_ready'
                        else 'reviewed_before_it_was_ready'
                    end
                )
            ),
            (
                'review_time_hours',
                coalesce(
                    changes.reason,
                    case
                        when changes.review_time_hours is not null then null
                        when changes.pull_request_number is null then 'no_pull_request'
                        when changes.first_review_at is null then 'no_review_by_another'
                        else 'merged_before_its_review'
                    end
                )
            ),
            (
                'delivery_time_hours',
                coalesce(
                    changes.reason,
                    case when changes.delivery_time_hours is null then 'deployed_before_its_merge' end
                )
            ),
            ('changes_deployed', changes.reason),
            (
                'bot_changes_deployed',
                case
                    when not changes.is_bot then null
                    when changes.deployment_id is null then coalesce(changes.undeployed_reason, 'not_deployed')
                    when changes.is_first_deployment then 'first_deployment'
                end
            )
        ) as measures (metric, reason)
    where measures.reason is not null

),

unmeasured_pull_requests as not materialized (

    select
        pull_requests.change_id,
        pull_requests.repository,
        pull_requests.merged_at,
        case
            when pull_requests.is_bot then 'machine'
            when pull_requests.first_commit_at is null then 'no_commits'
            else 'merged_before_its_commits'
        end as reason
    from pull_requests
    where
        pull_requests.is_bot
        or pull_requests.cycle_time_hours is null

),

pull_request_places as (

    select
        unmeasured_pull_requests.change_id,
        null as service,
        null as team,
        unmeasured_pull_requests.repository,
        true as is_organizations
    from unmeasured_pull_requests
    union all
    select
        changes.change_id,
        changes.service,
        null as team,
        null as repository,
        false as is_organizations
    from changes
    union all
    select distinct
        changes.change_id,
        null as service,
        owners.team,
        null as repository,
        false as is_organizations
    from changes
    inner join owners
        on
            changes.service = owners.service
            and {{ lies_in('changes.merged_at', 'owners') }}
    where owners.team is not null

),

pull_request_exclusions as (

    select
        'pull_request_cycle_time_hours' as metric,
        'pull_request' as item_type,
        unmeasured_pull_requests.change_id as item_id,
        places.service,
        places.team,
        places.repository,
        unmeasured_pull_requests.merged_at as happened_at,
        false as is_pending,
        unmeasured_pull_requests.reason,
        places.is_organizations
    from unmeasured_pull_requests
    inner join pull_request_places as places
        on unmeasured_pull_requests.change_id = places.change_id

),

incident_exclusions as (

    select
        measures.metric,
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        incidents.team,
        incidents.repository,
        incidents.opened_at as happened_at,
        coalesce(measures.reason = 'still_open', false) as is_pending,
        measures.reason,
        true as is_organizations
    from incidents
    cross join
        lateral (
            values
            ('incidents_opened', case when incidents.is_excluded then 'duplicate_or_not_planned' end),
            (
                'mttr_hours',
                case
                    when incidents.is_excluded then 'duplicate_or_not_planned'
                    when incidents.resolved_at is null then 'still_open'
                    when incidents.resolved_at < incidents.opened_at then 'closed_before_opened'
                end
            )
        ) as measures (metric, reason)
    where measures.reason is not null

),

exclusions as (

    select * from attempt_exclusions
    union all
    select * from blameless_incidents
    union all
    select * from recovery_exclusions
    union all
    select * from change_exclusions
    union all
    select * from pull_request_exclusions
    union all
    select * from incident_exclusions

)

select
    metric,
    item_type,
    item_id,
    service,
    team,
    repository,
    is_organizations,
    happened_at,
    is_pending,
    reason
from exclusions
