{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='deployment_id',
    indexes=[{'columns': ['deployment_id'], 'unique': true}]
) }}

-- One row per unplanned deployment, with what makes it so.
with

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

shipped as not materialized (

    select * from {{ ref('int_changes__shipped') }}

),

changes as (

    select *
    from {{ ref('int_changes__integrated') }}
    where is_revert or is_hotfix or cardinality(closes_issue_numbers) > 0

),

reverted as (

    select * from {{ ref('int_changes__reverted') }}

),

incidents as (

    select * from {{ ref('int_incidents__judged') }}

),

-- Bringing something in again that was reverted is planned work.
renewals as (

    select reverted.change_id
    from reverted
    group by reverted.change_id
    having bool_and(reverted.is_reverted_revert)

),

closing_changes as (

    select distinct changes.change_id
    from changes
    cross join unnest(changes.closes_issue_numbers) as closed (issue_number)
    inner join incidents
        on
            changes.repository_id = incidents.repository_id
            and closed.issue_number = incidents.issue_number
    where not incidents.is_excluded

),

mending_changes as (

    select
        changes.change_id,
        case
            when changes.is_revert and renewals.change_id is null then 'revert'
            when changes.is_hotfix then 'hotfix'
            when closing_changes.change_id is not null then 'closes_incident'
        end as reason
    from changes
    left join renewals
        on changes.change_id = renewals.change_id
    left join closing_changes
        on changes.change_id = closing_changes.change_id

),

by_change as (

    select
        shipped.deployment_id,
        mending_changes.reason
    from mending_changes
    inner join shipped
        on mending_changes.change_id = shipped.change_id
    where mending_changes.reason is not null

),

by_rollback as (

    select
        deployments.deployment_id,
        'rollback' as reason
    from deployments
    where deployments.is_rollback

),

reasons as (

    select * from by_change
    where reason is not null
    union
    select * from by_rollback

)

select
    reasons.deployment_id,
    array_agg(reasons.reason order by reasons.reason) as reasons
from reasons
group by reasons.deployment_id
