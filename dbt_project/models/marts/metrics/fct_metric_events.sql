{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['item_type', 'item_id'],
    contract={'enforced': false},
    also_logs={
        'service_days': {'keys': ['service', 'own_date']},
        'team_days': {'keys': ['team', 'own_date']},
        'repository_days': {'keys': ['repository', 'home_date']},
        'organization_days': {'keys': ['home_date']},
    },
    indexes=[
        {'columns': ['item_id', 'item_type']},
        {'columns': ['service', 'own_date']},
        {'columns': ['team', 'own_date']},
        {'columns': ['repository', 'home_date']},
        {'columns': ['home_date']},
    ],
    pre_hook=dirty("
        with

        services as (
            select service from {{ changed('int_services__resolved', ['service']) }} as services
            union
            select service from {{ changed('int_services__owned', ['service']) }} as owners
        ),

        changes as (
            select service, change_id from {{ changed('fct_changes', ['service', 'change_id']) }} as changes
            union
            select changes.service, changes.change_id
            from services
            inner join {{ ref('fct_changes') }} as changes
                on services.service = changes.service
        )

        select 'deployment' as item_type, deployment_id as item_id
        from {{ changed('fct_deployments', ['deployment_id']) }} as deployments
        union
        select 'deployment', deployments.deployment_id
        from services
        inner join {{ ref('fct_deployments') }} as deployments
            on services.service = deployments.service
        union
        select 'attempt', attempt_id from {{ changed('fct_deployment_attempts', ['attempt_id']) }} as attempts
        union
        select 'attempt', attempts.attempt_id
        from services
        inner join {{ ref('fct_deployment_attempts') }} as attempts
            on services.service = attempts.service
        union
        select 'change', service || '/' || change_id from changes
        union
        select 'pull_request', change_id from changes
        union
        select 'pull_request', change_id from {{ changed('fct_pull_requests', ['change_id']) }} as pull_requests
        union
        select 'incident', incident_id from {{ changed('fct_incidents', ['incident_id']) }} as incidents
        union
        select 'incident', incidents.incident_id
        from services
        inner join {{ ref('fct_incidents') }} as incidents
            on services.service = incidents.service
        union
        select 'collection', repository_id || '/' || collection_date
        from {{ changed('fct_collections', ['repository_id', 'collection_date']) }} as collections
        union
        select 'collection', collections.repository_id || '/' || collections.collection_date
        from {{ changed('int_services__resolved', ['repository_id bigint'], log='repositories') }} as repositories
        inner join {{ ref('fct_collections') }} as collections
            on repositories.repository_id = collections.repository_id
        union
        select 'collection', collections.repository_id || '/' || collections.collection_date
        from services
        inner join {{ ref('int_services__resolved') }} as resolved
            on services.service = resolved.service
        inner join {{ ref('fct_collections') }} as collections
            on resolved.repository_id = collections.repository_id
    ")
) }}

-- One row per event and place that it counts in, with what it says of each metric.
with

deployments as (

    select * from {{ ref('fct_deployments') }}
    {% if goes_on() %}
        where {{ is_dirty_item("deployment_id", 'deployment') }}
    {% endif %}

),

attempts as (

    select * from {{ ref('fct_deployment_attempts') }}
    {% if goes_on() %}
        where {{ is_dirty_item("attempt_id", 'attempt') }}
    {% endif %}

),

changes as not materialized (

    select * from {{ ref('fct_changes') }}

),

pull_requests as (

    select * from {{ ref('fct_pull_requests') }}
    {% if goes_on() %}
        where {{ is_dirty_item("change_id", 'pull_request') }}
    {% endif %}

),

incidents as (

    select * from {{ ref('fct_incidents') }}
    {% if goes_on() %}
        where {{ is_dirty_item("incident_id", 'incident') }}
    {% endif %}

),

collections as (

    select * from {{ ref('fct_collections') }}
    {% if goes_on() %}
        where {{ is_dirty_item("repository_id || '/' || collection_date", 'collection') }}
    {% endif %}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- An event counts on the day of its end: of a change, when it is deployed; of a failure, when it has recovered.
deployment_events as (

    select
        'deployment' as item_type,
        deployments.deployment_id as item_id,
        deployments.service,
        deployments.team,
        deployments.repository,
        true as is_organizations,
        deployments.deployed_at as happened_at,
        {{ measures({
            'deployment_frequency_per_day': 'true',
            'change_failure_rate_pct': 'deployments.is_failed',
            'change_failure_rate_excluding_time_pct':
                "(deployments.is_failed and deployments.failure_method <> 'time')",
            'deployment_rework_rate_pct': 'deployments.is_unplanned',
        }) }}
    from deployments

),

recovery_events as (

    select
        'deployment' as item_type,
        deployments.deployment_id as item_id,
        deployments.service,
        deployments.team,
        deployments.repository,
        true as is_organizations,
        deployments.recovered_at as happened_at,
        {{ measures({'failed_deployment_recovery_time_hours': 'deployments.recovery_time_hours'}) }}
    from deployments
    where deployments.recovery_time_hours is not null

),

attempt_events as (

    select
        'attempt' as item_type,
        attempts.attempt_id as item_id,
        attempts.service,
        attempts.team,
        attempts.repository,
        true as is_organizations,
        attempts.ended_at as happened_at,
        {{ measures({'deployment_attempt_failure_rate_pct': "(attempts.outcome = 'failure')"}) }}
    from attempts
    where attempts.outcome in ('success', 'failure')

),

change_events as (

    select
        'change' as item_type,
        changes.service || '/' || changes.change_id as item_id,
        changes.service,
        changes.team,
        changes.repository,
        true as is_organizations,
        changes.deployed_at as happened_at,
        {{ measures({
            'change_lead_time_hours': 'case when not changes.is_bot then changes.lead_time_hours end',
            'coding_time_hours': 'case when not changes.is_bot then changes.coding_time_hours end',
            'pickup_time_hours': 'case when not changes.is_bot then changes.pickup_time_hours end',
            'review_time_hours': 'case when not changes.is_bot then changes.review_time_hours end',
            'delivery_time_hours': 'case when not changes.is_bot then changes.delivery_time_hours end',
            'changes_deployed': 'case when not changes.is_bot then true end',
            'bot_changes_deployed': 'case when changes.is_bot then true end',
        }) }}
    from changes
    where
        not changes.is_first_deployment
        {% if goes_on() %}
            and {{ is_dirty_item("changes.service || '/' || changes.change_id", 'change') }}
        {% endif %}

),

measured_pull_requests as (

    select *
    from pull_requests
    where
        not is_bot
        and cycle_time_hours is not null

),

places_of_changes as (

    select
        changes.service,
        changes.change_id,
        changes.merged_at
    from changes
    {% if goes_on() %}
        where {{ is_dirty_item("changes.change_id", 'pull_request') }}
    {% endif %}

),

-- A pull request that touches two services counts once for each, and once for a team that owned both at the merge.
pull_request_places as (

    select
        measured_pull_requests.change_id,
        null as service,
        null as team,
        measured_pull_requests.repository,
        true as is_organizations
    from measured_pull_requests
    union all
    select distinct
        changes.change_id,
        changes.service,
        null as team,
        null as repository,
        false as is_organizations
    from places_of_changes as changes
    union all
    select distinct
        changes.change_id,
        null as service,
        owners.team,
        null as repository,
        false as is_organizations
    from places_of_changes as changes
    inner join owners
        on
            changes.service = owners.service
            and {{ lies_in('changes.merged_at', 'owners') }}
    where owners.team is not null

),

pull_request_events as (

    select
        'pull_request' as item_type,
        pull_requests.change_id as item_id,
        places.service,
        places.team,
        places.repository,
        places.is_organizations,
        pull_requests.merged_at as happened_at,
        {{ measures({'pull_request_cycle_time_hours': 'pull_requests.cycle_time_hours'}) }}
    from measured_pull_requests as pull_requests
    inner join pull_request_places as places
        on pull_requests.change_id = places.change_id

),

counted_incidents as (

    select *
    from incidents
    where not is_excluded

),

opened_events as (

    select
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        incidents.team,
        incidents.repository,
        true as is_organizations,
        incidents.opened_at as happened_at,
        {{ measures({'incidents_opened': 'true'}) }}
    from counted_incidents as incidents

),

resolved_events as (

    select
        'incident' as item_type,
        incidents.incident_id as item_id,
        incidents.service,
        incidents.team,
        incidents.repository,
        true as is_organizations,
        incidents.resolved_at as happened_at,
        {{ measures({'mttr_hours': 'incidents.time_to_resolve_hours'}) }}
    from counted_incidents as incidents
    where incidents.time_to_resolve_hours is not null

),

-- Due at 01:00 UTC.
due_collections as (

    select
        collections.repository_id,
        collections.repository,
        collections.repository_id || '/' || collections.collection_date as item_id,
        (collections.collection_date + time '01:00') at time zone 'UTC' as happened_at,
        collections.is_complete
    from collections

),

-- A repository is collected once a day, however many services it holds: once for each, and once for a team that owned
-- several of them.
collection_places as (

    select
        collections.item_id,
        null as service,
        null as team,
        collections.repository,
        true as is_organizations
    from due_collections as collections
    union all
    select
        collections.item_id,
        services.service,
        null as team,
        null as repository,
        false as is_organizations
    from due_collections as collections
    inner join services
        on collections.repository_id = services.repository_id
    union all
    select distinct
        collections.item_id,
        null as service,
        owners.team,
        null as repository,
        false as is_organizations
    from due_collections as collections
    inner join services
        on collections.repository_id = services.repository_id
    inner join owners
        on
            services.service = owners.service
            and {{ lies_in('collections.happened_at', 'owners') }}
    where owners.team is not null

),

collection_events as (

    select
        'collection' as item_type,
        collections.item_id,
        places.service,
        places.team,
        places.repository,
        places.is_organizations,
        collections.happened_at,
        {{ measures({'collection_reliability_pct': 'collections.is_complete'}) }}
    from due_collections as collections
    inner join collection_places as places
        on collections.item_id = places.item_id

),

events as (

    select * from deployment_events
    union all
    select * from recovery_events
    union all
    select * from attempt_events
    union all
    select * from change_events
    union all
    select * from pull_request_events
    union all
    select * from opened_events
    union all
    select * from resolved_events
    union all
    select * from collection_events

),

-- A service's days are those of the team that owned it; a repository's, and the organisation's, are the organisation's.
dated as (

    select
        {{ local_date('events.happened_at', 'coalesce(teams.time_zone, owners.time_zone, policy.time_zone)') }}
            as own_date,
        {{ local_date('events.happened_at', 'policy.time_zone') }} as home_date,
        events.*
    from events
    cross join policy
    left join owners
        on
            events.service = owners.service
            and {{ lies_in('events.happened_at', 'owners') }}
    left join scopes as teams
        on
            events.team = teams.scope
            and teams.scope_type = 'team'
    where events.happened_at is not null

)

select * from dated
