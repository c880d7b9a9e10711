{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['service', 'change_id'],
    indexes=[
        {'columns': ['service', 'change_id'], 'unique': true},
        {'columns': ['change_id']},
        {'columns': ['deployment_id']},
        {'columns': ['service', 'deployment_number']},
    ],
    pre_hook=dirty("
        with

        changes as (
            select change_id from {{ changed('int_changes__by_service', ['change_id']) }} as changes
            union
            select change_id from {{ changed('int_changes__carried', ['change_id']) }} as carried
        ),

        commits as (
            select * from {{ changed('int_commits__shipped', ['service', 'commit_number int']) }} as commits
        ),

        redone as (
            select service, min(deployment_number) as first_number
            from {{ changed('int_deployments__collapsed', ['service', 'deployment_number int'], log='numbers') }}
                as numbers
            group by service
        )

        select places.service, places.change_id
        from changes
        inner join {{ ref('int_changes__by_service') }} as places
            on changes.change_id = places.change_id
        union
        select this.service, this.change_id
        from changes
        inner join {{ this }} as this
            on changes.change_id = this.change_id
        union
        select places.service, places.change_id
        from commits
        inner join {{ ref('int_changes__by_service') }} as places
            on commits.commit_number = places.commit_number and commits.service = places.service
        union
        select places.service, places.change_id
        from commits
        inner join {{ ref('int_changes__carried') }} as carried
            on commits.commit_number = carried.carrier_commit_number
        inner join {{ ref('int_changes__by_service') }} as places
            on carried.change_id = places.change_id and commits.service = places.service
        union
        select this.service, this.change_id
        from redone
        inner join {{ this }} as this
            on redone.service = this.service and redone.first_number <= this.deployment_number
        union
        select places.service, places.change_id
        from redone
        inner join {{ ref('int_changes__by_service') }} as places
            on redone.service = places.service and places.commit_number is null
        union
        select places.service, places.change_id
        from redone
        inner join {{ ref('int_changes__by_service') }} as places
            on redone.service = places.service
        where
            exists (
                select 1 from {{ ref('int_deployments__collapsed') }} as deployments
                where
                    deployments.service = redone.service
                    and deployments.deployment_number >= redone.first_number
                    and deployments.commit_number is null
            )
            and not exists (
                select 1 from {{ this }} as this
                where
                    this.service = places.service
                    and this.change_id = places.change_id
                    and this.deployment_number < redone.first_number
            )
    ")
) }}

-- One row per service and change that it has deployed: the first deployment that contains it, and how that is known.
with

changes as (

    select * from {{ ref('int_changes__by_service') }}
    {% if goes_on() %}
        where {{ are_dirty('service', 'change_id') }}
    {% endif %}

),

carried as (

    select * from {{ ref('int_changes__carried') }}

),

shipped as not materialized (

    select * from {{ ref('int_commits__shipped') }}

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

by_ancestry as (

    select
        changes.service,
        changes.change_id,
        case when changes.kind = 'stacked' then 'stacked' else 'ancestry' end as method,
        shipped.deployment_number
    from changes
    inner join shipped
        on
            changes.commit_number = shipped.commit_number
            and changes.service = shipped.service

),

by_carrier as (

    select
        changes.service,
        changes.change_id,
        'stacked' as method,
        min(shipped.deployment_number) as deployment_number
    from changes
    inner join carried
        on changes.change_id = carried.change_id
    inner join shipped
        on
            carried.carrier_commit_number = shipped.commit_number
            and changes.service = shipped.service
    group by changes.service, changes.change_id

),

first_carriers as (

    select
        carried.change_id,
        min(carried.carrier_merged_at) as carrier_merged_at,
        min(carried.carrier_commit_number) as carrier_commit_number
    from carried
    group by carried.change_id

),

-- When a change stood on the default branch; NULL for a stacked one that never got there.
landed as (

    select
        changes.service,
        changes.change_id,
        case
            when changes.kind = 'stacked' then first_carriers.carrier_merged_at
            else changes.merged_at
        end as landed_at,
        coalesce(changes.commit_number, first_carriers.carrier_commit_number) is null as is_sha_unknown
    from changes
    left join first_carriers
        on changes.change_id = first_carriers.change_id

),

-- Time decides where the sha of the deployment, or of the change, is not in the history.
by_time as (

    select
        landed.service,
        landed.change_id,
        'time' as method,
        min(deployments.deployment_number) as deployment_number
    from landed
    inner join deployments
        on
            landed.service = deployments.service
            and landed.landed_at <= deployments.started_at
    where deployments.commit_number is null
    group by landed.service, landed.change_id

    union all

    select
        landed.service,
        landed.change_id,
        'time' as method,
        min(deployments.deployment_number) as deployment_number
    from landed
    inner join deployments
        on
            landed.service = deployments.service
            and landed.landed_at <= deployments.started_at
    where landed.is_sha_unknown
    group by landed.service, landed.change_id

),

candidates as (

    select * from by_ancestry
    union all
    select * from by_carrier
    union all
    select * from by_time

),

firsts as (

    select distinct on (candidates.service, candidates.change_id)
        candidates.service,
        candidates.change_id,
        candidates.method,
        candidates.deployment_number
    from candidates
    order by
        candidates.service,
        candidates.change_id,
        candidates.deployment_number,
        candidates.method

)

select
    firsts.service,
    firsts.change_id,
    firsts.method,
    deployments.deployment_id,
    deployments.deployment_number,
    deployments.deployed_at,
    deployments.is_first as is_first_deployment
from firsts
inner join deployments
    on
        firsts.service = deployments.service
        and firsts.deployment_number = deployments.deployment_number
