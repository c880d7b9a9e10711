{{ config(materialized='view', post_hook=[]) }}

-- One row per merged pull request: how large it is, and how much was said about it in reviews by others.
with

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}

),

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

-- What was said after the merge has delayed nothing.
comments_by_pull_request as (

    select
        reviews.pull_request_id,
        sum(reviews.comments_count)::int as comments_count
    from reviews
    inner join pull_requests
        on reviews.pull_request_id = pull_requests.pull_request_id
    where reviews.submitted_at <= pull_requests.merged_at
    group by reviews.pull_request_id

)

select
    'pull-request:' || pull_requests.pull_request_id as change_id,
    pull_requests.additions + pull_requests.deletions as lines_changed_count,
    coalesce(comments_by_pull_request.comments_count, 0) as review_comments_count
from pull_requests
left join comments_by_pull_request
    on pull_requests.pull_request_id = comments_by_pull_request.pull_request_id
