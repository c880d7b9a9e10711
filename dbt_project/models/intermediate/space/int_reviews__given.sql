{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='pull_request_id',
    raw={
        'github_pull_requests': "(
            select max((entry.value ->> 'submitted_at')::timestamptz)
            from " ~ json_rows("payload -> 'reviews'") ~ " as entry
        )",
        'github_review_comments': '',
    },
    rules="(
        select md5(string_agg(known::text, ',' order by known::text)) from intermediate.int_team_members__known as known
    )",
    indexes=[{'columns': ['reviewer_id']}, {'columns': ['pull_request_id']}, {'columns': ['submitted_at']}],
    pre_hook=dirty("
        select
            pull_request_id,
            pull_request_id::text as natural_key
        from (
            select pull_request_id
            from {{ changed('int_pull_requests__readied', ['pull_request_id bigint']) }} as changed
            union all
            select (payload ->> 'pull_request_id')::bigint as pull_request_id
            from {{ landed('github_pull_requests') }} as landed
            union all
            select pull_requests.pull_request_id
            from {{ landed('github_review_comments') }} as landed
            inner join {{ ref('int_pull_requests__readied') }} as pull_requests
                on
                    (landed.payload ->> 'repository_id')::bigint = pull_requests.repository_id
                    and (landed.payload ->> 'pull_request_number')::int = pull_requests.pull_request_number
        ) as reviewed
    ")
) }}

-- One row per review that a human gave to another's pull request. Machines do not review, and nobody reviews oneself.
-- The author may be gone from GitHub; whoever reviewed the pull request was somebody else.
with

reviews as (

    select *
    from {{ ref('stg_github__pull_request_reviews') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

pull_requests as (

    select *
    from {{ ref('int_pull_requests__readied') }}
    {% if goes_on() %}
        where {{ is_dirty('pull_request_id') }}
    {% endif %}

),

comments as (

    select *
    from {{ ref('stg_github__review_comments') }}
    {% if goes_on() %}
        where review_id = any(array(select reviews.review_id from reviews))
    {% endif %}

),

members as (

    select * from {{ ref('int_team_members__known') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

comments_by_review as (

    select
        comments.review_id,
        count(*)::int as comments_count
    from comments
    group by comments.review_id

),

given as (

    select
        reviews.review_id,
        reviews.pull_request_id,
        pull_requests.repository_id,
        reviews.author_id as reviewer_id,
        pull_requests.author_id,
        pull_requests.is_bot as is_author_bot,
        reviews.state,
        reviews.submitted_at,
        pull_requests.ready_at,
        row_number() over (
            partition by reviews.pull_request_id, reviews.author_id order by reviews.submitted_at, reviews.review_id
        ) = 1 as is_first_of_reviewer
    from reviews
    inner join pull_requests
        on reviews.pull_request_id = pull_requests.pull_request_id
    cross join policy
    left join accounts
        on reviews.author_id = accounts.user_id
    where
        reviews.author_id is distinct from pull_requests.author_id
        and reviews.author_id is not null
        and not coalesce(accounts.is_bot, false)
        and reviews.submitted_at < policy.as_of_at

),

-- Only where the teams of both are known: not to know is not to share none.
teams_compared as (

    select
        given.review_id,
        bool_or(reviewers.team = authors.team) as shares_team
    from given
    inner join members as reviewers
        on
            given.reviewer_id = reviewers.user_id
            and {{ lies_in('given.submitted_at', 'reviewers') }}
    inner join members as authors
        on
            given.author_id = authors.user_id
            and {{ lies_in('given.submitted_at', 'authors') }}
    group by given.review_id

)

select
    given.review_id,
    given.pull_request_id,
    given.repository_id,
    given.reviewer_id,
    given.author_id,
    given.is_author_bot,
    given.state,
    given.submitted_at,
    given.ready_at,
    given.is_first_of_reviewer,
    coalesce(comments_by_review.comments_count, 0) as comments_count,
    not teams_compared.shares_team as is_cross_team,
    case
        when given.is_first_of_reviewer then {{ hours_between('given.ready_at', 'given.submitted_at') }}
    end as turnaround_hours
from given
left join comments_by_review
    on given.review_id = comments_by_review.review_id
left join teams_compared
    on given.review_id = teams_compared.review_id
