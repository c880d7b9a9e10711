-- One row per rework cycle of a pull request: changes were requested, commits followed, and then a review.
with

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

listed_commits as (

    select * from {{ ref('stg_github__pull_request_commits') }}

),

requested as (

    select
        reviews.review_id,
        reviews.pull_request_id,
        reviews.repository_id,
        reviews.author_id,
        reviews.is_author_bot,
        min(listed_commits.committed_at) as committed_at
    from reviews
    inner join listed_commits
        on
            reviews.pull_request_id = listed_commits.pull_request_id
            and reviews.submitted_at < listed_commits.committed_at
    where reviews.state = 'CHANGES_REQUESTED'
    group by
        reviews.review_id, reviews.pull_request_id, reviews.repository_id, reviews.author_id, reviews.is_author_bot

),

-- Two requests that one commit answers are one cycle.
answered as (

    select distinct
        requested.pull_request_id,
        requested.repository_id,
        requested.author_id,
        requested.is_author_bot,
        requested.committed_at
    from requested

)

select
    answered.pull_request_id,
    answered.repository_id,
    answered.author_id,
    answered.is_author_bot,
    answered.committed_at,
    min(reviews.submitted_at) as reviewed_again_at
from answered
inner join reviews
    on
        answered.pull_request_id = reviews.pull_request_id
        and answered.committed_at < reviews.submitted_at
group by
    answered.pull_request_id, answered.repository_id, answered.author_id, answered.is_author_bot, answered.committed_at
