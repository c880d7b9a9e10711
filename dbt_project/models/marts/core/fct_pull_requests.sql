-- One row per merged pull request, whatever services it touches.
with

changes as (

    select * from {{ ref('int_changes__integrated') }}

),

service_changes as (

    select * from {{ ref('int_changes__by_service') }}

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
