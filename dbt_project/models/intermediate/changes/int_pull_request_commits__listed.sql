{{ config(indexes=[{'columns': ['repository_id', 'oid']}, {'columns': ['pull_request_id']}]) }}

-- One row per merged pull request and commit in its list.
with

listed_commits as (

    select * from {{ ref('stg_github__pull_request_commits') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}

)

select
    listed_commits.pull_request_id,
    listed_commits.repository_id,
    listed_commits.oid,
    listed_commits.authored_at,
    pull_requests.merged_at
from listed_commits
inner join pull_requests
    on listed_commits.pull_request_id = pull_requests.pull_request_id
