{{ config(indexes=[{'columns': ['commit_number'], 'unique': true}, {'columns': ['pull_request_id']}]) }}

-- One row per commit that came with a pull request: which, and how that is known.
with recursive

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

parents as not materialized (

    select * from {{ ref('int_commit_parents__numbered') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}

),

listed_commits as not materialized (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

by_merge_commit as (

    select
        commits.commit_number,
        pull_requests.pull_request_id,
        pull_requests.merged_at,
        1 as method_position
    from pull_requests
    inner join commits
        on
            pull_requests.repository_id = commits.repository_id
            and pull_requests.merge_commit_oid = commits.oid

),

by_commit_list as (

    select
        commits.commit_number,
        listed_commits.pull_request_id,
        listed_commits.merged_at,
        2 as method_position
    from listed_commits
    inner join commits
        on
            listed_commits.repository_id = commits.repository_id
            and listed_commits.oid = commits.oid

),

-- GitHub rewrites the commits of a rebase, but not their authors' dates.
rebased (commit_number, pull_request_id, merged_at, depth) as (

    select
        by_merge_commit.commit_number,
        by_merge_commit.pull_request_id,
        by_merge_commit.merged_at,
        1
    from by_merge_commit
    inner join commits
        on by_merge_commit.commit_number = commits.commit_number
    where
        commits.parents_count = 1
        and exists (
            select 1 from listed_commits
            where
                listed_commits.pull_request_id = by_merge_commit.pull_request_id
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

),

by_head as (

    select
        commits.commit_number,
        pull_requests.pull_request_id,
        pull_requests.merged_at,
        4 as method_position
    from pull_requests
    inner join commits
        on
            pull_requests.repository_id = commits.repository_id
            and pull_requests.head_oid = commits.oid

),

claims as (

    select * from by_merge_commit
    union all
    select * from by_commit_list
    union all
    select
        rebased.commit_number,
        rebased.pull_request_id,
        rebased.merged_at,
        3 as method_position
    from rebased
    union all
    select * from by_head

),

rebased_pull_requests as (

    select distinct rebased.pull_request_id from rebased

)

-- Of two pull requests that list a commit, the one merged first brought it.
select distinct on (claims.commit_number)
    claims.commit_number,
    claims.pull_request_id,
    case claims.method_position
        when 1 then 'merge_commit'
        when 2 then 'commit_list'
        when 3 then 'rebase'
        else 'head'
    end as method,
    rebased_pull_requests.pull_request_id is not null as is_rebased
from claims
left join rebased_pull_requests
    on claims.pull_request_id = rebased_pull_requests.pull_request_id
order by claims.commit_number, claims.method_position, claims.merged_at, claims.pull_request_id
