{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='change_id',
    indexes=[{'columns': ['change_id']}, {'columns': ['reverted_change_id']}]
) }}

-- One row per change and change that it takes back, or says that it fixes.
-- Taking back a revert brings something in again and is no failure.
-- What is named is looked up by arrays, or one by one, so that indexes are used: the planner cannot know how little.
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

listed_commits as not materialized (

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

    -- "Fixes #12" names an issue, or a pull request: they share their numbers.
    select
        closing.change_id,
        closing.repository_id,
        closed.pull_request_number as reverts_pull_request_number,
        null as reverts_oid
    from changes as closing
    cross join unnest(closing.closes_issue_numbers) as closed (pull_request_number)
    where cardinality(closing.closes_issue_numbers) > 0

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

-- What abbreviates a sha lies between it and its last possible continuation, where an index finds it; two are too many.
abbreviations as (

    select distinct
        statements.repository_id,
        statements.reverts_oid,
        statements.reverts_oid || 'g' as reverts_oid_end
    from statements
    where length(statements.reverts_oid) < 40

),

meant as (

    {% for relation in ['commits', 'listed_commits'] %}
        select
            abbreviations.repository_id,
            abbreviations.reverts_oid,
            found.oid
        from abbreviations
        cross join
            lateral (
                select distinct {{ relation }}.oid
                from {{ relation }}
                where
                    {{ relation }}.oid >= abbreviations.reverts_oid
                    and {{ relation }}.oid < abbreviations.reverts_oid_end
                    and {{ relation }}.repository_id = abbreviations.repository_id
                order by {{ relation }}.oid
                limit 2
            ) as found
        {{ 'union' if not loop.last }}
    {% endfor %}

),

-- An abbreviation stands for a commit where only one of the repository begins with it.
spelled_out as (

    select
        meant.repository_id,
        meant.reverts_oid,
        min(meant.oid) as oid
    from meant
    group by meant.repository_id, meant.reverts_oid
    having count(*) = 1

),

named as (

    select
        statements.change_id,
        statements.repository_id,
        statements.reverts_pull_request_number,
        coalesce(spelled_out.oid, statements.reverts_oid) as reverts_oid
    from statements
    left join spelled_out
        on
            statements.repository_id = spelled_out.repository_id
            and statements.reverts_oid = spelled_out.reverts_oid

),

targets as (

    select
        named.change_id,
        'pull-request:' || pull_requests.pull_request_id as reverted_change_id
    from named
    inner join pull_requests
        on
            named.repository_id = pull_requests.repository_id
            and named.reverts_pull_request_number = pull_requests.pull_request_number
    where pull_requests.pull_request_number = any(array(select those.reverts_pull_request_number from named as those))

    union

    select
        named.change_id,
        'pull-request:' || pull_requests.pull_request_id as reverted_change_id
    from named
    inner join pull_requests
        on
            named.repository_id = pull_requests.repository_id
            and named.reverts_oid = pull_requests.merge_commit_oid
    where pull_requests.merge_commit_oid = any(array(select those.reverts_oid from named as those))

    union

    select
        named.change_id,
        'pull-request:' || listed_commits.pull_request_id as reverted_change_id
    from named
    inner join listed_commits
        on
            named.repository_id = listed_commits.repository_id
            and named.reverts_oid = listed_commits.oid
    where listed_commits.oid = any(array(select those.reverts_oid from named as those))

    union

    select
        named.change_id,
        coalesce(
            'pull-request:' || attributed.pull_request_id, 'commit:' || commits.repository_id || ':' || commits.oid
        ) as reverted_change_id
    from named
    inner join commits
        on
            named.repository_id = commits.repository_id
            and named.reverts_oid = commits.oid
    left join attributed
        on commits.commit_number = attributed.commit_number
    where commits.oid = any(array(select those.reverts_oid from named as those))

)

select
    targets.change_id,
    targets.reverted_change_id,
    reverted.is_revert as is_reverted_revert
from targets
cross join
    lateral (
        select changes.change_id
        from changes
        where changes.change_id = targets.change_id
        order by changes.change_id
        limit 1
    ) as reverting
cross join
    lateral (
        select changes.is_revert
        from changes
        where changes.change_id = targets.reverted_change_id
        order by changes.change_id
        limit 1
    ) as reverted
where targets.change_id <> targets.reverted_change_id
