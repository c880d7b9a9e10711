{{ config(materialized='view', post_hook=[]) }}

-- One row per kind of contradiction that data may hold: how often it was met, and what is done about it.
-- A kind that was not met is a row with 0. A view: it is read now and then, and looks at all that is held.
with recursive

attempts as not materialized (

    select * from {{ ref('fct_deployment_attempts') }}

),

deployments as not materialized (

    select * from {{ ref('fct_deployments') }}

),

changes as not materialized (

    select * from {{ ref('fct_changes') }}

),

incidents as not materialized (

    select * from {{ ref('fct_incidents') }}

),

unlinked as not materialized (

    select * from {{ ref('fct_unlinked') }}

),

repositories as not materialized (

    select * from {{ ref('dim_repositories') }}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

parents as not materialized (

    select * from {{ ref('int_commit_parents__numbered') }}

),

kinds (kind_number, kind, subject_type, handled) as (

    values
    (1, 'negative_lead_time', 'change', 'It counts as deployed, and has no lead time.'),
    (2, 'negative_delivery_time', 'change', 'It counts as deployed, and has no time of delivery.'),
    (3, 'deployment_before_its_commit', 'deployment', 'It counts as a deployment, and ships what its sha reaches.'),
    (4, 'recovered_before_it_failed', 'deployment', 'It counts as failed, and has no recovery time.'),
    (5, 'incident_closed_before_opened', 'incident', 'It counts as opened, and has no time to recovery.'),
    (6, 'same_sha_at_one_instant', 'attempt', 'One of them is the deployment; all are attempts.'),
    (7, 'environment_of_no_service', 'attempt', 'It counts for no service, so nowhere.'),
    (8, 'event_without_a_place', 'attempt', 'It counts nowhere until the policy names its service.'),
    (9, 'sha_not_in_history', 'deployment', 'It ships by time, and its changes say so.'),
    (10, 'service_without_team', 'service', 'It counts for its repository and the organisation.'),
    (11, 'team_without_service', 'team', 'It has no delivery figures.'),
    (12, 'cycle_of_parents', 'commit', 'Walks visit each commit once, so they end; what reaches it first ships it.'),
    (13, 'service_without_repository', 'service', 'It has no figures until a repository of that name is found.')

),

negative_changes as (

    select
        measures.kind,
        changes.service || '/' || changes.change_id as subject_id
    from changes
    cross join
        lateral (
            values
            ('negative_lead_time', coalesce(changes.lead_time_missing_reason = 'negative', false)),
            (
                'negative_delivery_time',
                not changes.is_first_deployment
                and changes.deployed_at is not null
                and changes.delivery_time_hours is null
            )
        ) as measures (kind, is_so)
    where measures.is_so

),

early_deployments as (

    select
        'deployment_before_its_commit' as kind,
        deployments.deployment_id as subject_id
    from deployments
    inner join repositories
        on deployments.repository = repositories.repository
    inner join commits
        on
            repositories.repository_id = commits.repository_id
            and deployments.sha = commits.oid
    where deployments.deployed_at < commits.committed_at

),

early_recoveries as (

    select
        'recovered_before_it_failed' as kind,
        deployments.deployment_id as subject_id
    from deployments
    where deployments.recovered_at < deployments.deployed_at

),

backward_incidents as (

    select
        'incident_closed_before_opened' as kind,
        incidents.incident_id as subject_id
    from incidents
    where incidents.resolved_at < incidents.opened_at

),

simultaneous as (

    select
        'same_sha_at_one_instant' as kind,
        min(attempts.attempt_id) as subject_id
    from attempts
    where
        attempts.outcome = 'success'
        and attempts.sha is not null
    group by attempts.service, attempts.environment, attempts.sha, attempts.ended_at
    having count(*) > 1

),

listed as (

    select
        case
            when unlinked.subject_type = 'service' and unlinked.reason = 'unknown_repository'
                then 'service_without_repository'
            when unlinked.subject_type = 'service' then 'service_without_team'
            when unlinked.subject_type = 'team' then 'team_without_service'
            when unlinked.subject_type = 'deployment' then unlinked.reason
            when unlinked.reason = 'environment_of_no_service' then unlinked.reason
            else 'event_without_a_place'
        end as kind,
        unlinked.subject_id
    from unlinked
    where unlinked.subject_type in ('service', 'team', 'deployment', 'attempt')

),

-- The oldest commit of a cycle has a parent in it that is as young or younger, and the way back to it leads through no
-- older one. So few commits need to be walked from, and none for long.
suspects as (

    select
        children.commit_number,
        parents.parent_number,
        children.committed_at
    from parents
    inner join commits as children
        on parents.commit_number = children.commit_number
    inner join commits as forebears
        on parents.parent_number = forebears.commit_number
    where forebears.committed_at >= children.committed_at

),

walks (commit_number, reached_number, committed_at) as (

    select
        suspects.commit_number,
        suspects.parent_number,
        suspects.committed_at
    from suspects

    union

    select
        walks.commit_number,
        parents.parent_number,
        walks.committed_at
    from walks
    inner join parents
        on walks.reached_number = parents.commit_number
    inner join commits
        on parents.parent_number = commits.commit_number
    where
        walks.reached_number <> walks.commit_number
        and commits.committed_at >= walks.committed_at

),

cycles as (

    select distinct
        'cycle_of_parents' as kind,
        commits.repository_id || '/' || commits.oid as subject_id
    from walks
    inner join commits
        on walks.commit_number = commits.commit_number
    where walks.reached_number = walks.commit_number

),

met as (

    select * from negative_changes
    union all
    select * from early_deployments
    union all
    select * from early_recoveries
    union all
    select * from backward_incidents
    union all
    select * from simultaneous
    union all
    select * from listed
    union all
    select * from cycles

),

counted as (

    select
        met.kind,
        count(*) as met_count,
        (array_agg(met.subject_id order by met.subject_id))[:3] as examples
    from met
    group by met.kind

)

select
    kinds.kind_number,
    kinds.kind,
    kinds.subject_type,
    coalesce(counted.met_count, 0) as met_count,
    coalesce(counted.examples, '{}') as examples,
    kinds.handled
from kinds
left join counted
    on kinds.kind = counted.kind
