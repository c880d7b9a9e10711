{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='deployment_id'
) }}

-- One row per deployment and later deployment that mends it: ships a revert of it, rolls it back, or ships its hotfix.
with

deployments as not materialized (

    select * from {{ ref('int_deployments__collapsed') }}

),

reverted as (

    select * from {{ ref('int_changes__reverted') }}

),

shipped as not materialized (

    select * from {{ ref('int_changes__shipped') }}

),

hotfixes as (

    select * from {{ ref('int_hotfixes__targeted') }}

),

by_revert as (

    select
        broken.deployment_id,
        mending.deployment_id as mending_deployment_id,
        mending.deployed_at as mended_at,
        'revert' as method
    from reverted
    inner join shipped as broken
        on reverted.reverted_change_id = broken.change_id
    inner join shipped as mending
        on
            reverted.change_id = mending.change_id
            and broken.service = mending.service
            and broken.deployment_number < mending.deployment_number
    where not reverted.is_reverted_revert

),

by_rollback as (

    select
        deployments.previous_deployment_id as deployment_id,
        deployments.deployment_id as mending_deployment_id,
        deployments.deployed_at as mended_at,
        'rollback' as method
    from deployments
    where deployments.is_rollback

),

by_hotfix as (

    select
        hotfixes.deployment_id,
        mending.deployment_id as mending_deployment_id,
        mending.deployed_at as mended_at,
        'hotfix' as method
    from hotfixes
    left join shipped as mending
        on
            hotfixes.service = mending.service
            and hotfixes.change_id = mending.change_id
            and hotfixes.deployment_number < mending.deployment_number
    where hotfixes.is_within_window

)

select * from by_revert
union
select * from by_rollback
union
select * from by_hotfix
