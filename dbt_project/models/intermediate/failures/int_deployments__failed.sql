{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='deployment_id',
    indexes=[{'columns': ['deployment_id'], 'unique': true}]
) }}

-- One row per deployment judged failed: the first method that says so, and when it was mended.
with

linked as (

    select * from {{ ref('int_incidents__linked') }}

),

incidents as (

    select * from {{ ref('int_incidents__judged') }}

),

mended as (

    select * from {{ ref('int_deployments__mended') }}

),

signs as (

    select
        linked.deployment_id,
        linked.link_method as method
    from linked
    union
    select
        mended.deployment_id,
        mended.method
    from mended

),

ranked_methods (method, method_position, confidence) as (

    values
    ('explicit', 1, 1.0::double precision),
    ('revert', 2, 0.9),
    ('rollback', 3, 0.9),
    ('hotfix', 4, 0.7),
    ('time', 5, 0.5)

),

judgements as (

    select distinct on (signs.deployment_id)
        signs.deployment_id,
        signs.method,
        ranked_methods.confidence
    from signs
    inner join ranked_methods
        on signs.method = ranked_methods.method
    order by signs.deployment_id, ranked_methods.method_position

),

-- While one of its incidents is open, a deployment has not recovered; when one ended before it began, nobody knows.
incidents_by_deployment as (

    select
        linked.deployment_id,
        count(*)::int as incidents_count,
        case
            when bool_and(coalesce(incidents.resolved_at >= incidents.opened_at, false))
                then max(incidents.resolved_at)
        end as resolved_at
    from linked
    inner join incidents
        on linked.incident_id = incidents.incident_id
    group by linked.deployment_id

),

first_mendings as (

    select distinct on (mended.deployment_id)
        mended.deployment_id,
        mended.mending_deployment_id,
        mended.mended_at
    from mended
    where mended.mending_deployment_id is not null
    order by mended.deployment_id, mended.mended_at, mended.mending_deployment_id

)

select
    judgements.deployment_id,
    judgements.method as failure_method,
    judgements.confidence as failure_confidence,
    coalesce(incidents_by_deployment.incidents_count, 0) as incidents_count,
    first_mendings.mending_deployment_id,
    case
        when incidents_by_deployment.deployment_id is not null then incidents_by_deployment.resolved_at
        else first_mendings.mended_at
    end as recovered_at
from judgements
left join incidents_by_deployment
    on judgements.deployment_id = incidents_by_deployment.deployment_id
left join first_mendings
    on judgements.deployment_id = first_mendings.deployment_id
