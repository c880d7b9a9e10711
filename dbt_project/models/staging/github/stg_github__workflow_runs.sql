-- One row per workflow run and attempt.
with

objects as (

    select *
    from {{ source('raw', 'github_workflow_runs') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    objects.natural_key,
    objects.source_updated_at,
    (objects.payload ->> 'run_id')::bigint as workflow_run_id,
    (objects.payload ->> 'run_attempt')::int as run_attempt,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    objects.payload ->> 'workflow_name' as workflow_name,
    objects.payload ->> 'workflow_path' as workflow_path,
    objects.payload ->> 'event' as event,
    objects.payload ->> 'status' as status,
    objects.payload ->> 'conclusion' as conclusion,
    objects.payload ->> 'head_sha' as head_sha,
    coalesce((objects.payload ->> 'head_is_default_branch')::boolean, false) as is_head_default_branch,
    coalesce(objects.payload ->> 'run_started_at', objects.payload ->> 'created_at')::timestamptz as started_at,
    (objects.payload ->> 'updated_at')::timestamptz as updated_at,
    coalesce(people.canonical_user_id, (objects.payload ->> 'actor_id')::uuid) as actor_id,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'actor_id')::uuid = people.user_id
