{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='change_id',
    indexes=[
        {'columns': ['change_id'], 'unique': true},
        {'columns': ['pull_request_id']},
        {'columns': ['repository_id']},
        {'columns': ['sha']},
    ],
    pre_hook=dirty("
        with

        arrived as (
            select commits.*
            from {{ changed('int_commits__numbered', ['commit_number int']) }} as arrived
            inner join {{ ref('int_commits__numbered') }} as commits
                on arrived.commit_number = commits.commit_number
        ),

        pull_requests as (
            select pull_request_id from {{ changed('int_pull_requests__merged', ['pull_request_id bigint']) }} as merged
            union
            select pull_request_id
            from {{ changed('int_pull_request_commits__listed', ['pull_request_id bigint']) }} as listed
            union
            select pull_request_id
            from {{ changed('int_commits__attributed', ['pull_request_id bigint'], log='pull_requests') }} as attributed
            union
            select merged.pull_request_id
            from arrived
            inner join {{ ref('int_pull_requests__merged') }} as merged
                on arrived.oid = merged.merge_commit_oid and arrived.repository_id = merged.repository_id
            union
            select merged.pull_request_id
            from arrived
            inner join {{ ref('int_pull_requests__merged') }} as merged
                on arrived.oid = merged.head_oid and arrived.repository_id = merged.repository_id
            union
            select listed.pull_request_id
            from arrived
            inner join {{ ref('int_pull_request_commits__listed') }} as listed
                on arrived.oid = listed.oid and arrived.repository_id = listed.repository_id
        ),

        pushes as (
            select commit_number from {{ changed('int_commits__mainline', ['commit_number int']) }} as mainline
            union
            select commit_number from {{ changed('int_commits__attributed', ['commit_number int']) }} as attributed
            union
            select commit_number from arrived
            union
            select commit_number
            from {{ ref('int_commits__numbered') }}
            where committed_at >= {{ last_as_of_at() }}
        )

        select 'pull-request:' || pull_request_id as change_id, pull_request_id, null::int as commit_number
        from pull_requests
        union all
        select 'commit:' || commits.repository_id || ':' || commits.oid, null, commits.commit_number
        from pushes
        inner join {{ ref('int_commits__numbered') }} as commits
            on pushes.commit_number = commits.commit_number
    "),
    post_hook="{% if not goes_on() %}
        create index on {{ this }} (change_id) where is_revert or is_hotfix or cardinality(closes_issue_numbers) > 0
    {% endif %}"
) }}

-- One row per unit of integration: a merged pull request, or a commit pushed to the default branch without one.
with

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}
    {% if goes_on() %}
        where {{ is_dirty('pull_request_id') }}
    {% endif %}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

attributed as not materialized (

    select * from {{ ref('int_commits__attributed') }}

),

mainline as (

    select * from {{ ref('int_commits__mainline') }}

),

listed_commits as (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

rebased as (

    select distinct attributed.pull_request_id
    from attributed
    where
        attributed.is_rebased
        {% if goes_on() %}
            and {{ is_dirty('attributed.pull_request_id') }}
        {% endif %}

),

-- Its merge commit, else its head, else the newest commit of its list that the history holds.
newest_listed as (

    select distinct on (listed_commits.pull_request_id)
        listed_commits.pull_request_id,
        commits.commit_number
    from listed_commits
    inner join commits
        on
            listed_commits.repository_id = commits.repository_id
            and listed_commits.oid = commits.oid
    {% if goes_on() %}
        where {{ is_dirty('listed_commits.pull_request_id') }}
    {% endif %}
    order by listed_commits.pull_request_id asc, commits.committed_at desc, commits.oid asc

),

from_pull_requests as (

    select
        'pull-request:' || pull_requests.pull_request_id as change_id,
        pull_requests.repository_id,
        pull_requests.pull_request_id,
        pull_requests.pull_request_number,
        coalesce(merge_commits.commit_number, heads.commit_number, newest_listed.commit_number) as commit_number,
        coalesce(pull_requests.merge_commit_oid, pull_requests.head_oid) as sha,
        case
            when not pull_requests.is_base_default then 'stacked'
            when merge_commits.parents_count > 1 then 'merge'
            when rebased.pull_request_id is not null then 'rebase'
            when merge_commits.commit_number is null then 'unknown'
            when pull_requests.merge_commit_oid = pull_requests.head_oid then 'merge'
            else 'squash'
        end as kind,
        pull_requests.author_id,
        pull_requests.is_bot,
        pull_requests.created_at,
        pull_requests.merged_at,
        pull_requests.first_commit_at,
        pull_requests.is_first_commit_bounded,
        pull_requests.ready_at,
        pull_requests.first_review_at,
        pull_requests.is_revert,
        pull_requests.is_hotfix,
        pull_requests.closes_issue_numbers,
        pull_requests.paths
    from pull_requests
    left join commits as merge_commits
        on
            pull_requests.repository_id = merge_commits.repository_id
            and pull_requests.merge_commit_oid = merge_commits.oid
    left join commits as heads
        on
            pull_requests.repository_id = heads.repository_id
            and pull_requests.head_oid = heads.oid
    left join newest_listed
        on pull_requests.pull_request_id = newest_listed.pull_request_id
    left join rebased
        on pull_requests.pull_request_id = rebased.pull_request_id

),

from_pushes as (

    select
        'commit:' || commits.repository_id || ':' || commits.oid as change_id,
        commits.repository_id,
        null::bigint as pull_request_id,
        null::int as pull_request_number,
        commits.commit_number,
        commits.oid as sha,
        'direct' as kind,
        commits.author_id,
        commits.is_bot,
        commits.committed_at as created_at,
        commits.committed_at as merged_at,
        commits.authored_at as first_commit_at,
        false as is_first_commit_bounded,
        null::timestamptz as ready_at,
        null::timestamptz as first_review_at,
        commits.is_revert,
        false as is_hotfix,
        '{}'::int[] as closes_issue_numbers,
        null::text[] as paths
    from commits
    inner join mainline
        on commits.commit_number = mainline.commit_number
    left join attributed
        on commits.commit_number = attributed.commit_number
    cross join policy
    where
        attributed.commit_number is null
        and commits.committed_at < policy.as_of_at
        {% if goes_on() %}
            and {{ is_dirty('commits.commit_number') }}
        {% endif %}

)

select * from from_pull_requests
union all
select * from from_pushes
