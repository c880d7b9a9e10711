{{ config(indexes=[{'columns': ['deployment_id'], 'unique': true}]) }}

-- One row per unplanned deployment, with what makes it so.
with

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

shipped as (

    select * from {{ ref('int_changes__shipped') }}

),

changes as (

    select * from {{ ref('int_changes__integrated') }}

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

by_change as (

    select
        shipped.deployment_id,
        case
            when changes.is_revert and renewals.change_id is null then 'revert'
            when changes.is_hotfix then 'hotfix'
            when exists (
                select 1 from incidents
                where
                    not incidents.is_excluded
                    and incidents.repository_id = changes.repository_id
                    and incidents.issue_number = any(changes.closes_issue_numbers)
            ) then 'closes_incident'
        end as reason
    from shipped
    inner join changes
        on shipped.change_id = changes.change_id
    left join renewals
        on changes.change_id = renewals.change_id

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
