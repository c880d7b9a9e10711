-- One row per push or merge to a branch that deploys and is not the default one.
with

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

pushes as (

    select * from {{ ref('stg_github__pushes') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

-- Creating a branch and moving it by force deploy what it then points to; deleting it deploys nothing.
select
    pushes.repository_id,
    'production' as environment,
    'branch' as source,
    pushes.push_id::text as source_id,
    1 as attempt,
    pushes.after_oid as sha,
    pushes.branch,
    pushes.pushed_at as started_at,
    pushes.pushed_at as ended_at,
    'success' as outcome,
    pushes.actor_id
from pushes
inner join repositories
    on pushes.repository_id = repositories.repository_id
cross join policy
where
    'branch' = any(repositories.sources)
    and pushes.branch ilike {{ glob_as_like('repositories.branch') }}
    and pushes.branch is distinct from repositories.default_branch
    and pushes.push_type <> 'branch_deletion'
    and pushes.pushed_at < policy.as_of_at
