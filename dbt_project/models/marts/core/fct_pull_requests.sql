{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='change_id',
    on_schema_change='fail',
    indexes=[{'columns': ['change_id'], 'unique': true}],
    post_hook="{% if not goes_on() %}create index on {{ this }} (change_id) where services_count = 0{% endif %}",
    pre_hook=dirty("
        select change_id from {{ changed('int_changes__integrated', ['change_id']) }} as changes
        union
        select change_id from {{ changed('int_changes__by_service', ['change_id']) }} as places
        union
        select changes.change_id
        from {{ changed('int_repositories__configured', ['repository_id bigint'], log='rules') }} as repositories
        inner join {{ ref('int_changes__integrated') }} as changes
            on repositories.repository_id = changes.repository_id
    ")
) }}

-- One row per merged pull request, whatever services it touches.
with

changes as (

    select * from {{ ref('int_changes__integrated') }}
    {% if goes_on() %}
        where {{ is_dirty('change_id') }}
    {% endif %}

),

service_changes as (

    select * from {{ ref('int_changes__by_service') }}
    {% if goes_on() %}
        where {{ is_dirty('change_id') }}
    {% endif %}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

services_by_change as (

    select
        service_changes.change_id,
        count(*)::int as services_count
    from service_changes
    group by service_changes.change_id

)

select
    changes.change_id,
    changes.pull_request_id,
    repositories.repository,
    changes.pull_request_number,
    changes.sha,
    changes.kind,
    changes.is_bot,
    changes.is_revert,
    changes.is_hotfix,
    changes.first_commit_at,
    changes.created_at,
    changes.ready_at,
    changes.first_review_at,
    changes.merged_at,
    {{ hours_between('changes.first_commit_at', 'changes.merged_at') }} as cycle_time_hours,
    coalesce(services_by_change.services_count, 0) as services_count
from changes
inner join repositories
    on changes.repository_id = repositories.repository_id
left join services_by_change
    on changes.change_id = services_by_change.change_id
where changes.pull_request_id is not null
