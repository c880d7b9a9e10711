-- One row per kind of activity of which a part is a machine's, and left out: how much of it, over 90 days.
with

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

pull_requests as not materialized (

    select * from {{ ref('int_pull_requests__readied') }}

),

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

first_moment as (

    select policy.as_of_at - interval '90 days' as happened_at from policy

),

acts as (

    select
        'pull requests' as subject,
        pull_requests.is_bot
    from pull_requests
    where pull_requests.created_at >= (select first_moment.happened_at from first_moment)
    union all
    select
        'commits' as subject,
        commits.is_bot
    from commits
    where
        commits.committed_at >= (select first_moment.happened_at from first_moment)
        and commits.committed_at < (select policy.as_of_at from policy)
    union all
    select
        'reviews' as subject,
        false as is_bot
    from reviews
    where reviews.submitted_at >= (select first_moment.happened_at from first_moment)
    union all
    select
        'reviews' as subject,
        true as is_bot
    from pull_requests
    cross join unnest(pull_requests.machines_reviewed_at) as machines (reviewed_at)
    where
        pull_requests.machines_reviewed_at is not null
        and machines.reviewed_at >= (select first_moment.happened_at from first_moment)

),

volumes as (

    select
        acts.subject,
        count(*) as total,
        count(*) filter (where acts.is_bot) as machines
    from acts
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
