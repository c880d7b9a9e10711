{{ config(materialized='view', post_hook=[]) }}

-- One row per event that a metric may be made of: where to read about it, and what it was linked to and how.
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

repositories as not materialized (

    select * from {{ ref('dim_repositories') }}

),

-- Each branch reads one table, so that a key is looked up by an index in each of them.
deployment_details as (

    select
        'deployment' as item_type,
        deployments.deployment_id as item_id,
        deployments.service,
        deployments.repository,
        deployments.source,
        null::int as number,
        deployments.sha,
        null as url,
        deployments.started_at,
        deployments.deployed_at as ended_at,
        deployments.failure_method as method,
        deployments.failure_confidence as confidence,
        array_remove(
            array(
                select incidents.incident_id
                from incidents
                where incidents.deployment_id = deployments.deployment_id
                order by incidents.incident_id
            ) || deployments.mending_deployment_id,
            null
        ) as linked_to,
        array_to_string(deployments.unplanned_reasons, ', ') as said
    from deployments

),

attempt_details as (

    select
        'attempt' as item_type,
        attempts.attempt_id as item_id,
        attempts.service,
        attempts.repository,
        attempts.source,
        null::int as number,
        attempts.sha,
        null as url,
        attempts.started_at,
        attempts.ended_at,
        null as method,
        null::double precision as confidence,
        array_remove(array[attempts.deployment_id], null) as linked_to,
        attempts.outcome as said
    from attempts

),

-- How sure a link is says its method: time is a guess, ancestry is not.
change_details as (

    select
        'change' as item_type,
        changes.service || '/' || changes.change_id as item_id,
        changes.service,
        changes.repository,
        changes.kind as source,
        changes.pull_request_number as number,
        changes.sha,
        null as url,
        changes.first_commit_at as started_at,
        changes.deployed_at as ended_at,
        changes.containment_method as method,
        case changes.containment_method
            when 'time' then 0.5
            when 'stacked' then 1
            when 'ancestry' then 1
        end::double precision as confidence,
        array_remove(array[changes.deployment_id], null) as linked_to,
        case when changes.is_first_commit_bounded then 'counted from the pull request' end as said
    from changes

),

pull_request_details as (

    select
        'pull_request' as item_type,
        pull_requests.change_id as item_id,
        null as service,
        pull_requests.repository,
        pull_requests.kind as source,
        pull_requests.pull_request_number as number,
        pull_requests.sha,
        null as url,
        pull_requests.first_commit_at as started_at,
        pull_requests.merged_at as ended_at,
        null as method,
        null::double precision as confidence,
        '{}'::text[] as linked_to,
        null as said
    from pull_requests

),

incident_details as (

    select
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        coalesce(incidents.issue_repository, incidents.repository) as repository,
        incidents.source,
        incidents.issue_number as number,
        null as sha,
        incidents.url,
        incidents.opened_at as started_at,
        incidents.resolved_at as ended_at,
        incidents.link_method as method,
        incidents.link_confidence as confidence,
        array_remove(array[incidents.deployment_id], null) as linked_to,
        incidents.severity as said
    from incidents

),

details as (

    select * from deployment_details
    union all
    select * from attempt_details
    union all
    select * from change_details
    union all
    select * from pull_request_details
    union all
    select * from incident_details

)

select
    details.item_type,
    details.item_id,
    details.service,
    details.repository,
    details.source,
    details.number,
    details.sha,
    details.url,
    case
        when details.item_type = 'incident' and details.source <> 'github' then null
        when details.item_type = 'incident' then repositories.name_with_owner || '/issues/' || details.number
        when details.number is not null then repositories.name_with_owner || '/pull/' || details.number
        when details.sha is not null then repositories.name_with_owner || '/commit/' || details.sha
    end as path,
    details.started_at,
    details.ended_at,
    details.method,
    details.confidence,
    details.linked_to,
    details.said
from details
left join repositories
    on details.repository = repositories.repository
