{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='commit_number',
    also_logs={'pull_requests': {'keys': ['pull_request_id']}},
    indexes=[{'columns': ['commit_number'], 'unique': true}, {'columns': ['pull_request_id']}],
    pre_hook=dirty("
        with

        pull_requests as materialized (
            select pull_request_id from {{ changed('int_pull_requests__merged', ['pull_request_id bigint']) }} as merged
            union
            select pull_request_id
            from {{ changed('int_pull_request_commits__listed', ['pull_request_id bigint']) }} as listed
            union
            select pull_request_id from {{ changed('int_commits__rebased', ['pull_request_id bigint']) }} as rebased
        ),

        oids as (
            select merged.repository_id, places.oid
            from pull_requests
            inner join {{ ref('int_pull_requests__merged') }} as merged
                on pull_requests.pull_request_id = merged.pull_request_id
            cross join lateral (values (merged.merge_commit_oid), (merged.head_oid)) as places (oid)
            union
            select listed.repository_id, listed.oid
            from pull_requests
            inner join {{ ref('int_pull_request_commits__listed') }} as listed
                on pull_requests.pull_request_id = listed.pull_request_id
        )

        select commit_number from {{ changed('int_commits__numbered', ['commit_number int']) }} as itself
        union
        select this.commit_number
        from pull_requests
        inner join {{ this }} as this
            on pull_requests.pull_request_id = this.pull_request_id
        union
        select commits.commit_number
        from oids
        inner join {{ ref('int_commits__numbered') }} as commits
            on oids.oid = commits.oid and oids.repository_id = commits.repository_id
        union
        select rebased.commit_number
        from pull_requests
        inner join {{ ref('int_commits__rebased') }} as rebased
            on pull_requests.pull_request_id = rebased.pull_request_id
    ")
) }}

-- One row per commit that came with a pull request: which, and how that is known.
with

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}
    {% if goes_on() %}
        where {{ is_dirty('commit_number') }}
    {% endif %}

),

pull_requests as not materialized (

    select * from {{ ref('int_pull_requests__merged') }}

),

listed_commits as (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

rebased as not materialized (

    select * from {{ ref('int_commits__rebased') }}

),

claims as (

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

    union all

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

    union all

    select
        commits.commit_number,
        rebased.pull_request_id,
        rebased.merged_at,
        3 as method_position
    from rebased
    inner join commits
        on rebased.commit_number = commits.commit_number

    union all

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

-- Of two pull requests that list a commit, the one merged first brought it.
firsts as (

    select distinct on (claims.commit_number)
        claims.commit_number,
        claims.pull_request_id,
        claims.method_position
    from claims
    order by claims.commit_number, claims.method_position, claims.merged_at, claims.pull_request_id

)

select
    firsts.commit_number,
    firsts.pull_request_id,
    case firsts.method_position
        when 1 then 'merge_commit'
        when 2 then 'commit_list'
        when 3 then 'rebase'
        else 'head'
    end as method,
    firsts.pull_request_id in (select rebased.pull_request_id from rebased) as is_rebased
from firsts
