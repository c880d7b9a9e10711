{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='id',
    on_schema_change='fail',
    indexes=[
        {'columns': ['id'], 'unique': true},
        {'columns': ['created_at']},
        {'columns': ['repository', 'timestamp']},
    ],
    pre_hook=dirty("
        with

        attempts as (
            select attempt_id from {{ changed('fct_deployment_attempts', ['attempt_id']) }} as attempts
            union
            select deployment_id from {{ changed('fct_deployments', ['deployment_id']) }} as deployments
            union
            select attempts.attempt_id
            from {{ changed('int_attempts__by_service', ['source', 'source_id']) }} as sources
            inner join {{ ref('int_attempts__by_service') }} as attempts
                on sources.source = attempts.source and sources.source_id = attempts.source_id
        ),

        changes as (
            select change_id from {{ changed('fct_changes', ['service', 'change_id']) }} as changes
            union
            select change_id from {{ changed('fct_pull_requests', ['change_id']) }} as pull_requests
            union
            select change_id from {{ changed('int_changes__integrated', ['change_id']) }} as integrated
        )

        select 'deployment:' || attempt_id as id, attempt_id, null as change_id from attempts
        union all
        select 'push:' || change_id, null, change_id from changes
        union all
        select change_id, null, change_id from changes
    ")
) }}

-- One row per event: an attempt to deploy, a push without a pull request, a merged pull request; machines left out.
with

attempts as (

    select * from {{ ref('fct_deployment_attempts') }}
    {% if goes_on() %}
        where {{ is_dirty('attempt_id') }}
    {% endif %}

),

deployments as (

    select * from {{ ref('fct_deployments') }}

),

attempt_actors as (

    select * from {{ ref('int_attempts__by_service') }}

),

changes as (

    select * from {{ ref('fct_changes') }}
    {% if goes_on() %}
        where {{ is_dirty('change_id') }}
    {% endif %}

),

pull_requests as (

    select * from {{ ref('fct_pull_requests') }}
    {% if goes_on() %}
        where {{ is_dirty('change_id') }}
    {% endif %}

),

integrated as (

    select * from {{ ref('int_changes__integrated') }}

),

-- Only what counts as a deployment says whether it failed; a failed attempt reached nobody.
deployment_events as (

    select
        'deployment:' || attempts.attempt_id as id,
        'deployment' as event_type,
        attempts.repository,
        coalesce(attempts.ended_at, attempts.started_at) as timestamp,
        case when deployments.deployment_id is not null then 1 end as deployment_frequency,
        deployments.lead_time_hours_p50 as lead_time_hours,
        deployments.is_failed as deployment_failed,
        attempts.environment,
        null::int as pr_number,
        attempts.sha as commit_sha,
        attempt_actors.actor_id as actor,
        attempts.started_at as created_at,
        attempts.service,
        attempts.team,
        attempts.outcome
    from attempts
    inner join attempt_actors
        on attempts.attempt_id = attempt_actors.attempt_id
    left join deployments
        on attempts.attempt_id = deployments.deployment_id

),

-- A push is one event, though it may belong to several services; its lead time is that of the first that shipped it.
pushes as (

    select
        changes.change_id,
        changes.repository,
        changes.sha,
        changes.merged_at,
        min(changes.lead_time_hours) as lead_time_hours,
        case when count(*) = 1 then min(changes.service) end as service,
        case when count(*) = 1 then min(changes.team) end as team
    from changes
    where
        changes.kind = 'direct'
        and not changes.is_bot
    group by changes.change_id, changes.repository, changes.sha, changes.merged_at

),

push_events as (

    select
        'push:' || pushes.change_id as id,
        'push' as event_type,
        pushes.repository,
        pushes.merged_at as timestamp,
        null::int as deployment_frequency,
        pushes.lead_time_hours,
        null::boolean as deployment_failed,
        null as environment,
        null::int as pr_number,
        pushes.sha as commit_sha,
        integrated.author_id as actor,
        pushes.merged_at as created_at,
        pushes.service,
        pushes.team,
        null as outcome
    from pushes
    inner join integrated
        on pushes.change_id = integrated.change_id

),

owners as (

    select
        changes.change_id,
        case when count(*) = 1 then min(changes.service) end as service,
        case when count(*) = 1 then min(changes.team) end as team
    from changes
    group by changes.change_id

),

pull_request_events as (

    select
        pull_requests.change_id as id,
        'pull_request' as event_type,
        pull_requests.repository,
        pull_requests.merged_at as timestamp,
        null::int as deployment_frequency,
        pull_requests.cycle_time_hours as lead_time_hours,
        null::boolean as deployment_failed,
        null as environment,
        pull_requests.pull_request_number as pr_number,
        pull_requests.sha as commit_sha,
        integrated.author_id as actor,
        pull_requests.created_at,
        owners.service,
        owners.team,
        null as outcome
    from pull_requests
    inner join integrated
        on pull_requests.change_id = integrated.change_id
    left join owners
        on pull_requests.change_id = owners.change_id
    where not pull_requests.is_bot

)

select * from deployment_events
union all
select * from push_events
union all
select * from pull_request_events
