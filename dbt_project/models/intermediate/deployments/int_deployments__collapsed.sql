{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='deployment_id',
    also_logs={
        'numbers': {'keys': ['service', 'deployment_number']},
        'times': {'keys': ['service', 'deployed_at']},
    },
    indexes=[
        {'columns': ['deployment_id'], 'unique': true},
        {'columns': ['service', 'deployment_number'], 'unique': true},
        {'columns': ['service', 'deployed_at', 'deployment_number']},
        {'columns': ['sha']},
    ],
    pre_hook=dirty(since_first_change("
        select service, ended_at
        from {{ changed('int_attempts__by_service', ['service', 'ended_at timestamptz'], log='times') }} as attempts
        union all
        select this.service, this.deployed_at
        from {{ this }} as this
        where this.sha = any(array(
            select commits.oid
            from {{ ref('int_commits__numbered') }} as commits
            where commits.commit_number = any(array(
                select numbers.commit_number
                from {{ changed('int_commits__numbered', ['commit_number int']) }} as numbers
            ))
        ))
    ", 'deployment_id', 'deployed_at'))
) }}

-- One row per deployment: a successful attempt, unless the one before it had brought the same sha.
with

attempts as (

    select * from {{ ref('int_attempts__by_service') }}
    {% if goes_on() %}
        where service in (select dirty_keys.service from dirty_keys)
    {% endif %}

),

successes as (

    select
        attempts.*,
        lag(attempts.sha) over environments as previous_sha,
        lag(attempts.attempt_id) over environments as previous_attempt_id
    from attempts
    where attempts.outcome = 'success'
    window environments as (
        partition by attempts.service, attempts.environment
        order by attempts.ended_at, attempts.started_at, attempts.source, attempts.source_id, attempts.attempt
    )

),

distinct_shas as (

    select *
    from successes
    where previous_attempt_id is null or sha is null or sha is distinct from previous_sha

),

ordered as (

    select
        distinct_shas.*,
        row_number() over (
            partition by distinct_shas.service
            order by
                distinct_shas.ended_at,
                distinct_shas.started_at,
                distinct_shas.environment,
                distinct_shas.source,
                distinct_shas.source_id,
                distinct_shas.attempt
        )::int as deployment_number
    from distinct_shas

),

numbered as (

    select
        ordered.*,
        case
            when ordered.sha is not null
                then min(ordered.deployment_number) over (
                    partition by ordered.service, ordered.environment, ordered.sha
                )
        end as debut_number
    from ordered

),

with_predecessors as (

    select
        numbered.*,
        lag(numbered.debut_number) over environments as previous_debut_number,
        lag(numbered.attempt_id) over environments as previous_deployment_id
    from numbered
    window environments as (
        partition by numbered.service, numbered.environment order by numbered.deployment_number
    )

),

-- What was deployed before anything changed is what it was.
due as (

    select *
    from with_predecessors
    {% if goes_on() %}
        where attempt_id in (select dirty_keys.deployment_id from dirty_keys)
    {% endif %}

),

-- Commits keep their numbers, so only those are looked for that are not known here.
commits as (

    {% if goes_on() %}
        select
            this.repository_id,
            this.sha as oid,
            this.commit_number
        from {{ this }} as this
        where
            this.sha = any(array(select due.sha from due))
            and this.commit_number is not null
        union
        select
            numbered_commits.repository_id,
            numbered_commits.oid,
            numbered_commits.commit_number
        from {{ ref('int_commits__numbered') }} as numbered_commits
        where numbered_commits.oid = any(array(
            select due.sha
            from due
            where not exists (
                select 1 from {{ this }} as this
                where
                    this.repository_id = due.repository_id
                    and this.sha = due.sha
                    and this.commit_number is not null
            )
        ))
    {% else %}
        select * from {{ ref('int_commits__numbered') }}
    {% endif %}

)

-- Back to a sha that is older than the one it replaces is a rollback; forward again is not.
select
    due.attempt_id as deployment_id,
    due.service,
    due.repository_id,
    due.environment,
    due.source,
    due.source_id,
    due.attempt,
    due.sha,
    commits.commit_number,
    due.started_at,
    due.ended_at as deployed_at,
    due.deployment_number,
    due.previous_deployment_id,
    due.deployment_number = 1 as is_first,
    coalesce(
        due.debut_number < due.deployment_number
        and due.debut_number < due.previous_debut_number,
        false
    ) as is_rollback,
    due.actor_id,
    due.is_assumed
from due
left join commits
    on
        due.repository_id = commits.repository_id
        and due.sha = commits.oid
