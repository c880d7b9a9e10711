{{ config(
    indexes=[
        {'columns': ['commit_number'], 'unique': true},
        {'columns': ['repository_id', 'oid'], 'unique': true},
    ]
) }}

-- One row per commit, under a small number that holds for this build alone: graphs of numbers are walked faster.
with

commits as (

    select * from {{ ref('stg_github__commits') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

)

select
    row_number() over (order by commits.repository_id, commits.oid)::int as commit_number,
    commits.repository_id,
    commits.oid,
    commits.authored_at,
    commits.committed_at,
    commits.author_id,
    coalesce(accounts.is_bot, false) as is_bot,
    coalesce(cardinality(commits.parent_oids), 0) as parents_count,
    commits.is_revert,
    commits.reverts_oid
from commits
left join accounts
    on commits.author_id = accounts.user_id
