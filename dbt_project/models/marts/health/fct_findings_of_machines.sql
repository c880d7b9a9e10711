-- One row per kind of activity of which a part is a machine's, and left out: how much of it, over 90 days.
with

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

pull_requests as (

    select * from {{ ref('stg_github__pull_requests') }}

),

reviews as (

    select * from {{ ref('stg_github__pull_request_reviews') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

acts as (

    select
        'pull requests' as subject,
        pull_requests.author_id,
        pull_requests.created_at as happened_at
    from pull_requests
    where {{ may_be_since('pull_requests', '90 days') }}
    union all
    select
        'reviews' as subject,
        reviews.author_id,
        reviews.submitted_at as happened_at
    from reviews
    where {{ may_be_since('reviews', '90 days') }}
    union all
    select
        'commits' as subject,
        commits.author_id,
        commits.committed_at as happened_at
    from commits
    where commits.committed_at >= (select policy.as_of_at from policy) - interval '90 days'

),

volumes as (

    select
        acts.subject,
        count(*) as total,
        count(*) filter (where accounts.is_bot) as machines
    from acts
    cross join policy
    left join accounts
        on acts.author_id = accounts.user_id
    where
        acts.happened_at >= policy.as_of_at - interval '90 days'
        and acts.happened_at < policy.as_of_at
    group by acts.subject

),

excluded as (

    select
        'machines_excluded' as check_name,
        'note' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        volumes.subject,
        100.0 * volumes.machines / volumes.total as value,
        'percent' as unit,
        'shown, not judged' as expected,
        null::timestamptz as since,
        volumes.machines || ' of ' || volumes.total || ' in 90 days' as explanation
    from volumes
    cross join policy
    where volumes.machines > 0

),

counted as (

    select
        'machines_excluded' as check_name,
        'note' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        'accounts' as subject,
        count(*) filter (where accounts.is_bot)::double precision as value,
        'accounts' as unit,
        'shown, not judged' as expected,
        null::timestamptz as since,
        count(*) filter (where accounts.is_bot) || ' of ' || count(*) || ' accounts are machines' as explanation
    from accounts
    cross join policy
    group by policy.organization
    having count(*) filter (where accounts.is_bot) > 0

)

select * from excluded
union all
select * from counted
