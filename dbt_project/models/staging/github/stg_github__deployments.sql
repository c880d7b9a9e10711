-- One row per GitHub deployment, to whatever environment.
with

objects as (

    select *
    from {{ source('raw', 'github_deployments') }}
    where not deleted

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    objects.natural_key,
    objects.source_updated_at,
    (objects.payload ->> 'deployment_id')::bigint as deployment_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    (objects.payload ->> 'created_at')::timestamptz as created_at,
    objects.payload ->> 'task' as task,
    objects.payload ->> 'state' as state,
    coalesce(nullif(objects.payload ->> 'environment', ''), 'unknown') as environment,
    objects.payload ->> 'sha' as sha,
    (objects.payload ->> 'workflow_run_id')::bigint as workflow_run_id,
    coalesce(people.canonical_user_id, (objects.payload ->> 'creator_id')::uuid) as creator_id,
    objects.observed_at
from objects
left join people
    on (objects.payload ->> 'creator_id')::uuid = people.user_id
