{{ config(materialized='view', pre_hook=[], post_hook=[]) }}

-- One row per repository, environment and try to deploy, from whatever source the repository deploys by.
with

github_deployments as (

    select * from {{ ref('int_attempts__of_github_deployments') }}

),

workflow_runs as (

    select * from {{ ref('int_attempts__of_workflow_runs') }}

),

workflow_jobs as (

    select * from {{ ref('int_attempts__of_workflow_jobs') }}

),

events as (

    select * from {{ ref('int_attempts__of_events') }}

),

releases as (

    select * from {{ ref('int_attempts__of_releases') }}

),

tags as (

    select * from {{ ref('int_attempts__of_tags') }}

),

branches as (

    select * from {{ ref('int_attempts__of_branches') }}

),

pushes as (

    select * from {{ ref('int_attempts__of_pushes') }}

)

select
    repository_id,
    environment,
    true as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    workflow_name,
    workflow_path,
    null as job_name,
    null as tag_name,
    null as change_id,
    false as is_assumed
from github_deployments
union all
select
    repository_id,
    environment,
    false as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    workflow_name,
    workflow_path,
    null as job_name,
    null as tag_name,
    null as change_id,
    false as is_assumed
from workflow_runs
union all
select
    repository_id,
    environment,
    is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    workflow_name,
    workflow_path,
    job_name,
    null as tag_name,
    null as change_id,
    false as is_assumed
from workflow_jobs
union all
select
    repository_id,
    environment,
    false as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    null as workflow_path,
    null as job_name,
    tag_name,
    null as change_id,
    false as is_assumed
from releases
union all
select
    repository_id,
    environment,
    false as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    null as workflow_path,
    null as job_name,
    tag_name,
    null as change_id,
    false as is_assumed
from tags
union all
select
    repository_id,
    environment,
    false as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    null as workflow_path,
    null as job_name,
    null as tag_name,
    change_id,
    is_assumed
from branches
union all
select
    repository_id,
    environment,
    false as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    actor_id,
    null as workflow_name,
    null as workflow_path,
    null as job_name,
    null as tag_name,
    null as change_id,
    false as is_assumed
from pushes
union all
select
    repository_id,
    environment,
    true as is_environment_told,
    source,
    source_id,
    attempt,
    sha,
    started_at,
    ended_at,
    outcome,
    null::uuid as actor_id,
    null as workflow_name,
    null as workflow_path,
    null as job_name,
    null as tag_name,
    null as change_id,
    false as is_assumed
from events
where unplaced_reason is null
