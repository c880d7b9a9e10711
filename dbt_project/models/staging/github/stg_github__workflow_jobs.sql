-- One row per execution of a job that deploys.
with

objects as (

    select *
    from {{ source('raw', 'github_workflow_jobs') }}
    where not deleted

)

select
    (payload ->> 'job_id')::bigint as job_id,
    (payload ->> 'repository_id')::bigint as repository_id,
    (payload ->> 'run_id')::bigint as workflow_run_id,
    (payload ->> 'run_attempt')::int as run_attempt,
    payload ->> 'name' as job_name,
    payload ->> 'status' as status,
    payload ->> 'conclusion' as conclusion,
    (payload ->> 'started_at')::timestamptz as started_at,
    (payload ->> 'completed_at')::timestamptz as completed_at,
    (payload ->> 'deployment_id')::bigint as deployment_id,
    coalesce((payload ->> 'is_deployment_told')::boolean, false) as is_deployment_told,
    observed_at
from objects
