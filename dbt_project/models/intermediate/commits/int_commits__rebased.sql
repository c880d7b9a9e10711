{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='pull_request_id',
    whole_if=commits_vanished(),
    indexes=[{'columns': ['pull_request_id']}, {'columns': ['commit_number']}],
    pre_hook=dirty("
        select pull_request_id from {{ changed('int_pull_requests__merged', ['pull_request_id bigint']) }} as itself
        union
        select pull_request_id
        from {{ changed('int_pull_request_commits__listed', ['pull_request_id bigint']) }} as listed
        union
        select pull_requests.pull_request_id
        from {{ changed('int_commits__numbered', ['commit_number int']) }} as arrived
        inner join {{ ref('int_commits__numbered') }} as commits
            on arrived.commit_number = commits.commit_number
        inner join {{ ref('int_pull_requests__merged') }} as pull_requests
            on commits.oid = pull_requests.merge_commit_oid and commits.repository_id = pull_requests.repository_id
        union
        select this.pull_request_id
        from (
            select commit_number from {{ changed('int_commits__numbered', ['commit_number int']) }} as commits
            union
            select commit_number from {{ changed('int_commit_parents__numbered', ['commit_number int']) }} as parents
        ) as walked
        inner join {{ this }} as this
            on walked.commit_number = this.commit_number
    ")
) }}

-- One row per rebased pull request and commit that it became: GitHub rewrites them, but not their authors' dates.
with recursive

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

parents as not materialized (

    select * from {{ ref('int_commit_parents__numbered') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}
    {% if goes_on() %}
        where {{ is_dirty('pull_request_id') }}
    {% endif %}

),

listed_commits as not materialized (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

rebased (commit_number, pull_request_id, merged_at, depth) as (

    select
        commits.commit_number,
        pull_requests.pull_request_id,
        pull_requests.merged_at,
        1
    from pull_requests
    inner join commits
        on
            pull_requests.repository_id = commits.repository_id
            and pull_requests.merge_commit_oid = commits.oid
    where
        commits.parents_count = 1
        and exists (
            select 1 from listed_commits
            where
                listed_commits.pull_request_id = pull_requests.pull_request_id
                and listed_commits.authored_at = commits.authored_at
                and listed_commits.oid <> commits.oid
        )

    union

    select
        parents.parent_number,
        rebased.pull_request_id,
        rebased.merged_at,
        rebased.depth + 1
    from rebased
    inner join parents
        on rebased.commit_number = parents.commit_number
    inner join commits
        on parents.parent_number = commits.commit_number
    where
        parents.parent_position = 1
        and rebased.depth < (
            select count(*) from listed_commits
            where listed_commits.pull_request_id = rebased.pull_request_id
        )
        and exists (
            select 1 from listed_commits
            where
                listed_commits.pull_request_id = rebased.pull_request_id
                and listed_commits.authored_at = commits.authored_at
        )

)

select distinct
    pull_request_id,
    commit_number,
    merged_at
from rebased
