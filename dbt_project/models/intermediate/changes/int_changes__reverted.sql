{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='change_id',
    indexes=[{'columns': ['change_id']}, {'columns': ['reverted_change_id']}]
) }}

-- One row per change and change that it takes back. Taking back a revert brings something in again and is no failure.
with

changes as not materialized (

    select * from {{ ref('int_changes__integrated') }}

),

pull_requests as not materialized (

    select * from {{ ref('int_pull_requests__merged') }}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

attributed as not materialized (

    select * from {{ ref('int_commits__attributed') }}

),

listed_commits as (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

-- What a pull request says of itself, and what the commits that it brought say.
statements as (

    select
        'pull-request:' || pull_requests.pull_request_id as change_id,
        pull_requests.repository_id,
        pull_requests.reverts_pull_request_number,
        pull_requests.reverts_oid
    from pull_requests
    where pull_requests.reverts_pull_request_number is not null or pull_requests.reverts_oid is not null

    union

    select
        coalesce(
            'pull-request:' || attributed.pull_request_id, 'commit:' || commits.repository_id || ':' || commits.oid
        ) as change_id,
        commits.repository_id,
        null as reverts_pull_request_number,
        commits.reverts_oid
    from commits
    left join attributed
        on commits.commit_number = attributed.commit_number
    where commits.reverts_oid is not null

),

targets as (

    select
        statements.change_id,
        'pull-request:' || pull_requests.pull_request_id as reverted_change_id
    from statements
    inner join pull_requests
        on
            statements.repository_id = pull_requests.repository_id
            and statements.reverts_pull_request_number = pull_requests.pull_request_number

    union

    select
        statements.change_id,
        'pull-request:' || pull_requests.pull_request_id as reverted_change_id
    from statements
    inner join pull_requests
        on
            statements.repository_id = pull_requests.repository_id
            and statements.reverts_oid = pull_requests.merge_commit_oid

    union

    select
        statements.change_id,
        'pull-request:' || listed_commits.pull_request_id as reverted_change_id
    from statements
    inner join listed_commits
        on
            statements.repository_id = listed_commits.repository_id
            and statements.reverts_oid = listed_commits.oid

    union

    select
        statements.change_id,
        coalesce(
            'pull-request:' || attributed.pull_request_id, 'commit:' || commits.repository_id || ':' || commits.oid
        ) as reverted_change_id
    from statements
    inner join commits
        on
            statements.repository_id = commits.repository_id
            and statements.reverts_oid = commits.oid
    left join attributed
        on commits.commit_number = attributed.commit_number

)

select
    targets.change_id,
    targets.reverted_change_id,
    reverted.is_revert as is_reverted_revert
from targets
inner join changes as reverting
    on targets.change_id = reverting.change_id
inner join changes as reverted
    on targets.reverted_change_id = reverted.change_id
where targets.change_id <> targets.reverted_change_id
