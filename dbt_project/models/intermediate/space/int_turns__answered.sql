{{ config(indexes=[{'columns': ['user_id']}]) }}

-- One row per turn of a participant in a written exchange: somebody waited for this person, until a deadline.
-- A pull request waits for who reviews it; a comment in a review that did not approve waits for the author.
with

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__readied') }}

),

comments as (

    select * from {{ ref('stg_github__review_comments') }}

),

listed_commits as (

    select * from {{ ref('stg_github__pull_request_commits') }}

),

participants as (

    select * from {{ ref('int_participants__zoned') }}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

reviewed as (

    select
        'review' as kind,
        'review:' || reviews.review_id as turn_id,
        reviews.reviewer_id as user_id,
        reviews.ready_at as began_at,
        reviews.submitted_at as answered_at
    from reviews
    where
        reviews.is_first_of_reviewer
        and reviews.ready_at <= reviews.submitted_at
        and reviews.reviewer_id = any(array(select participants.user_id from participants))

),

asked as (

    select
        comments.comment_id,
        comments.created_at as began_at,
        pull_requests.pull_request_id,
        pull_requests.author_id
    from comments
    inner join pull_requests
        on
            comments.repository_id = pull_requests.repository_id
            and comments.pull_request_number = pull_requests.pull_request_number
    left join reviews
        on comments.review_id = reviews.review_id
    left join accounts
        on comments.author_id = accounts.user_id
    where
        comments.in_reply_to_id is null
        and comments.author_id <> pull_requests.author_id
        and pull_requests.author_id = any(array(select participants.user_id from participants))
        and not coalesce(accounts.is_bot, false)
        and reviews.state is distinct from 'APPROVED'
        and (pull_requests.closed_at is null or comments.created_at < pull_requests.closed_at)

),

-- In words, or in code.
answers as (

    select
        asked.comment_id,
        comments.created_at as answered_at
    from asked
    inner join comments
        on
            asked.comment_id = comments.in_reply_to_id
            and asked.author_id = comments.author_id
    union all
    select
        asked.comment_id,
        listed_commits.committed_at as answered_at
    from asked
    inner join listed_commits
        on
            asked.pull_request_id = listed_commits.pull_request_id
            and asked.began_at < listed_commits.committed_at

),

commented as (

    select
        'comment' as kind,
        'comment:' || asked.comment_id as turn_id,
        asked.author_id as user_id,
        asked.began_at,
        min(answers.answered_at) as answered_at
    from asked
    left join answers
        on asked.comment_id = answers.comment_id
    group by asked.comment_id, asked.author_id, asked.began_at

),

turns as (

    select * from reviewed
    union all
    select * from commented

),

timed as (

    select
        turns.kind,
        turns.turn_id,
        turns.user_id,
        turns.began_at,
        turns.answered_at,
        participants.time_zone,
        participants.starts_at,
        participants.ends_at,
        {{ one_working_day_after('turns.began_at', 'participants.time_zone') }} as deadline_at
    from turns
    inner join participants
        on
            turns.user_id = participants.user_id
            and {{ lies_in('turns.began_at', 'participants') }}

),

settled as (

    select
        timed.*,
        case timed.kind when 'review' then timed.answered_at else timed.deadline_at end as settled_at
    from timed

)

-- Counted when it is settled: a review when it is given, a comment when its deadline has passed. So no week that has
-- ended changes.
select
    settled.turn_id,
    settled.kind,
    settled.user_id,
    settled.began_at,
    settled.deadline_at,
    settled.answered_at,
    coalesce(settled.answered_at <= settled.deadline_at, false) as is_in_time,
    {{ local_date('settled.settled_at', 'settled.time_zone') }} as counted_date
from settled
cross join policy
where
    settled.settled_at < policy.as_of_at
    and {{ local_date('settled.settled_at', 'settled.time_zone') }} >= policy.persons_since_date
    and (settled.ends_at is null or settled.settled_at < settled.ends_at)
