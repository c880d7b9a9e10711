{{ config(
    indexes=[{'columns': ['commit_number'], 'unique': true}],
    pre_hook=["set local enable_hashjoin = off", "set local enable_mergejoin = off"]
) }}

-- One row per commit on the first-parent line of its default branch: what was pushed or merged, not what came along.
-- Each step is an index lookup: without the hooks, and with what is read twice materialized, it would read all parents.
with recursive

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

parents as not materialized (

    select * from {{ ref('int_commit_parents__numbered') }}

),

side_heads as (

    select
        pushes.repository_id,
        pushes.after_oid as oid
    from {{ ref('stg_github__pushes') }} as pushes
    union
    select
        tags.repository_id,
        tags.sha as oid
    from {{ ref('stg_github__tags') }} as tags

),

-- A head read before the newest commits is behind them; one that was pushed away by force is not the head.
-- Where other branches or tags are read, what follows the head may be theirs, so the head is what it says it is.
tips as (

    select distinct on (commits.repository_id)
        commits.repository_id,
        commits.commit_number
    from commits
    inner join repositories
        on commits.repository_id = repositories.repository_id
    where
        (
            commits.oid = repositories.head_oid
            and commits.repository_id in (select side_heads.repository_id from side_heads)
        )
        or not exists (
            select 1 from parents
            where parents.parent_number = commits.commit_number
        )
    order by
        commits.repository_id asc,
        coalesce(commits.oid = repositories.head_oid, false) desc,
        (commits.repository_id, commits.oid) not in (
            select
                side_heads.repository_id,
                side_heads.oid
            from side_heads
        ) desc,
        commits.committed_at desc,
        commits.oid asc

),

mainline (repository_id, commit_number) as (

    select
        tips.repository_id,
        tips.commit_number
    from tips

    union

    select
        mainline.repository_id,
        parents.parent_number
    from mainline
    inner join parents
        on mainline.commit_number = parents.commit_number
    where parents.parent_position = 1

)

select
    repository_id,
    commit_number
from mainline
