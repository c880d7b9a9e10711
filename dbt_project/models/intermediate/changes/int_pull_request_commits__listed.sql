{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='pull_request_id',
    raw={'github_pull_requests': "(payload ->> 'merged_at')::timestamptz"},
    indexes=[{'columns': ['oid', 'repository_id']}, {'columns': ['pull_request_id']}],
    pre_hook=dirty("
        select natural_key, (payload ->> 'pull_request_id')::bigint as pull_request_id
        from {{ landed('github_pull_requests') }} as landed
    ")
) }}

-- One row per merged pull request and commit in its list.
with

listed_commits as (

    select *
    from {{ ref('stg_github__pull_request_commits') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

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
