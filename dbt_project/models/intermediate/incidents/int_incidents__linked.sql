{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='incident_id',
    indexes=[{'columns': ['incident_id'], 'unique': true}, {'columns': ['deployment_id']}]
) }}

-- One row per incident that has a deployment to answer for it: the one that it names, else the latest before it.
with

incidents as (

    select * from {{ ref('int_incidents__judged') }}

),

deployments as not materialized (

    select * from {{ ref('int_deployments__collapsed') }}

),

attempts as not materialized (

    select * from {{ ref('int_attempts__of_deployments') }}

),

changes as not materialized (

    select * from {{ ref('int_changes__integrated') }}

),

pull_requests as not materialized (

    select * from {{ ref('int_pull_requests__merged') }}

),

listed_commits as not materialized (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

shipped_changes as not materialized (

    select * from {{ ref('int_changes__shipped') }}

),

shipped_commits as not materialized (

    select * from {{ ref('int_commits__shipped') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

counted as (

    select * from incidents
    where not is_excluded

),

by_deployment_id as (

    select
        counted.incident_id,
        attempts.deployment_id,
        1 as target_position
    from counted
    cross join unnest(counted.named_deployment_ids) as named (named_id)
    inner join attempts
        on
            attempts.source = 'github_deployment'
            and named.named_id::text = attempts.source_id

),

-- The id under which another system told the deployment, of the incident's own service.
by_event_id as (

    select
        counted.incident_id,
        attempts.deployment_id,
        1 as target_position
    from counted
    inner join attempts
        on
            counted.service = attempts.service
            and attempts.source = 'event'
            and right(attempts.source_id, length(counted.named_event_id) + 1) = '/' || counted.named_event_id
    where counted.named_event_id is not null

),

by_deployed_sha as (

    select
        counted.incident_id,
        deployments.deployment_id,
        2 as target_position
    from counted
    cross join unnest(counted.named_oids) as named (oid)
    inner join deployments
        on named.oid = deployments.sha

),

-- What abbreviates a sha means a deployment of its own service.
by_abbreviated_sha as (

    select
        counted.incident_id,
        deployments.deployment_id,
        2 as target_position
    from counted
    cross join unnest(counted.named_oids) as named (oid)
    inner join deployments
        on
            counted.service = deployments.service
            and starts_with(deployments.sha, named.oid)
    where length(named.oid) < 40

),

by_commit as (

    select
        counted.incident_id,
        deployments.deployment_id,
        3 as target_position
    from counted
    cross join unnest(counted.named_oids) as named (oid)
    inner join commits
        on named.oid = commits.oid
    inner join shipped_commits
        on commits.commit_number = shipped_commits.commit_number
    inner join deployments
        on
            shipped_commits.service = deployments.service
            and shipped_commits.deployment_number = deployments.deployment_number

),

named_changes as (

    select
        counted.incident_id,
        'pull-request:' || pull_requests.pull_request_id as change_id
    from counted
    cross join unnest(counted.named_pull_request_numbers) as named (pull_request_number)
    inner join pull_requests
        on
            counted.repository_id = pull_requests.repository_id
            and named.pull_request_number = pull_requests.pull_request_number

    union

    select
        counted.incident_id,
        'pull-request:' || listed_commits.pull_request_id as change_id
    from counted
    cross join unnest(counted.named_oids) as named (oid)
    inner join listed_commits
        on named.oid = listed_commits.oid

    union

    select
        counted.incident_id,
        changes.change_id
    from counted
    cross join unnest(counted.named_oids) as named (oid)
    inner join changes
        on named.oid = changes.sha

),

by_change as (

    select
        named_changes.incident_id,
        shipped_changes.deployment_id,
        3 as target_position
    from named_changes
    inner join shipped_changes
        on named_changes.change_id = shipped_changes.change_id

),

named_targets as (

    select * from by_deployment_id
    union all
    select * from by_event_id
    union all
    select * from by_deployed_sha
    union all
    select * from by_abbreviated_sha
    union all
    select * from by_commit
    union all
    select * from by_change

),

-- What began after the incident did not cause it. Of several, the incident's own service, then the latest before it.
explicit as (

    select distinct on (named_targets.incident_id)
        named_targets.incident_id,
        named_targets.deployment_id
    from named_targets
    inner join counted
        on named_targets.incident_id = counted.incident_id
    inner join deployments
        on named_targets.deployment_id = deployments.deployment_id
    where deployments.started_at <= counted.opened_at
    order by
        named_targets.incident_id asc,
        named_targets.target_position asc,
        coalesce(deployments.service = counted.service, false) desc,
        deployments.deployed_at <= counted.opened_at desc,
        deployments.deployed_at desc,
        deployments.deployment_id asc

),

by_time as (

    select
        counted.incident_id,
        latest.deployment_id,
        counted.opened_at - latest.deployed_at <= policy.failure_window as is_within_window
    from counted
    cross join policy
    cross join
        lateral (
            select
                deployments.deployment_id,
                deployments.deployed_at
            from deployments
            where
                deployments.service = counted.service
                and deployments.deployed_at <= counted.opened_at
            order by deployments.deployed_at desc, deployments.deployment_number desc
            limit 1
        ) as latest
    where not counted.is_external

)

select
    incident_id,
    deployment_id,
    'explicit' as link_method,
    1.0::double precision as link_confidence
from explicit
union all
select
    by_time.incident_id,
    by_time.deployment_id,
    'time' as link_method,
    0.5::double precision as link_confidence
from by_time
left join explicit
    on by_time.incident_id = explicit.incident_id
where explicit.incident_id is null and by_time.is_within_window
