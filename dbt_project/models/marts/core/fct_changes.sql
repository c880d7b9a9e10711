{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['service', 'change_id'],
    on_schema_change='fail',
    also_logs={'deployments': {'keys': ['deployment_id']}},
    indexes=[
        {'columns': ["(service || '/' || change_id)"]},
        {'columns': ['service', 'change_id'], 'unique': true},
        {'columns': ['change_id']},
        {'columns': ['deployment_id']},
        {'columns': ['merged_at']},
    ],
    post_hook="{% if not goes_on() %}
        create index on {{ this }} (change_id) where lead_time_missing_reason in ('negative', 'no_commits')
    {% endif %}",
    pre_hook=dirty("
        with

        changes as (
            select change_id from {{ changed('int_changes__by_service', ['change_id']) }} as places
            union
            select change_id from {{ changed('int_changes__integrated', ['change_id']) }} as changes
        ),

        services as (
            select service from {{ changed('int_services__resolved', ['service']) }} as services
            union
            select service from {{ changed('int_services__owned', ['service']) }} as owners
        )

        select service, change_id from {{ changed('int_changes__shipped', ['service', 'change_id']) }} as shipped
        union
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
        from services
        inner join {{ ref('int_changes__by_service') }} as places
            on services.service = places.service
        union
        select this.service, this.change_id
        from services
        inner join {{ this }} as this
            on services.service = this.service
    ")
) }}

-- One row per service and change (a merged pull request, or a commit pushed without one), with its deployment.
with

service_changes as (

    select * from {{ ref('int_changes__by_service') }}
    {% if goes_on() %}
        where {{ are_dirty('service', 'change_id') }}
    {% endif %}

),

changes as (

    select * from {{ ref('int_changes__integrated') }}

),

shipped as (

    select * from {{ ref('int_changes__shipped') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

owners as (

    select * from {{ ref('int_services__owned') }}

),

joined as (

    select
        service_changes.service,
        service_changes.change_id,
        services.repository,
        owners.team,
        changes.sha,
        changes.pull_request_id,
        changes.pull_request_number,
        changes.kind,
        changes.is_bot,
        changes.is_revert,
        changes.is_hotfix,
        changes.first_commit_at,
        changes.is_first_commit_bounded,
        changes.created_at as pull_request_created_at,
        changes.ready_at,
        changes.first_review_at,
        changes.merged_at,
        shipped.deployment_id,
        shipped.deployed_at,
        shipped.method as containment_method,
        coalesce(shipped.is_first_deployment, false) as is_first_deployment
    from service_changes
    inner join changes
        on service_changes.change_id = changes.change_id
    inner join services
        on service_changes.service = services.service
    left join shipped
        on
            service_changes.service = shipped.service
            and service_changes.change_id = shipped.change_id
    left join owners
        on
            service_changes.service = owners.service
            and {{ lies_in('coalesce(shipped.deployed_at, changes.merged_at)', 'owners') }}

)

-- What a first deployment ships had perhaps been in production before, so it has no lead time.
select
    service,
    change_id,
    repository,
    team,
    sha,
    pull_request_number,
    kind,
    is_bot,
    is_revert,
    is_hotfix,
    first_commit_at,
    is_first_commit_bounded,
    case when pull_request_id is not null then pull_request_created_at end as pull_request_created_at,
    ready_at,
    first_review_at,
    merged_at,
    deployment_id,
    deployed_at,
    containment_method,
    is_first_deployment,
    case when not is_first_deployment then {{ hours_between('first_commit_at', 'deployed_at') }} end as lead_time_hours,
    case
        when deployed_at is null then 'not_deployed'
        when is_first_deployment then 'first_deployment'
        when first_commit_at is null then 'no_commits'
        when first_commit_at > deployed_at then 'negative'
    end as lead_time_missing_reason,
    {{ hours_between('first_commit_at', 'ready_at') }} as coding_time_hours,
    {{ hours_between('ready_at', 'first_review_at') }} as pickup_time_hours,
    {{ hours_between('first_review_at', 'merged_at') }} as review_time_hours,
    case when not is_first_deployment then {{ hours_between('merged_at', 'deployed_at') }} end as delivery_time_hours
from joined
