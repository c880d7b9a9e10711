{{ config(indexes=[{'columns': ['user_id', 'week_start']}, {'columns': ['week_start']}]) }}

-- One row per person who takes part and ISO week with a day of doing so, zero-filled, in the person's own zone.
with

participants as (

    select * from {{ ref('int_participants__zoned') }}

),

activity as (

    select * from {{ ref('space_activity') }}

),

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

comments as (

    select * from {{ ref('stg_github__review_comments') }}

),

turns as (

    select * from {{ ref('int_turns__answered') }}

),

cycles as (

    select * from {{ ref('int_pull_requests__reworked') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

weeks as (

    select distinct
        activity.user_id,
        activity.week_start
    from activity

),

reviews_by_week as (

    select
        reviews.reviewer_id as user_id,
        date_trunc('week', reviews.submitted_at at time zone participants.time_zone)::date as week_start,
        count(distinct reviews.pull_request_id) filter (where reviews.is_cross_team) as cross_team_prs,
        count(reviews.is_cross_team) as compared_count,
        count(*) as code_reviews_given,
        sum(reviews.comments_count) as review_comments_count,
        count(reviews.turnaround_hours) as reviews_timed_count,
        sum(reviews.turnaround_hours) as review_turnaround_hours
    from reviews
    inner join participants
        on
            reviews.reviewer_id = participants.user_id
            and {{ lies_in('reviews.submitted_at', 'participants') }}
    group by reviews.reviewer_id, date_trunc('week', reviews.submitted_at at time zone participants.time_zone)

),

comments_by_week as (

    select
        comments.author_id as user_id,
        date_trunc('week', comments.created_at at time zone participants.time_zone)::date as week_start,
        count(*) as pr_comments
    from comments
    inner join participants
        on
            comments.author_id = participants.user_id
            and {{ lies_in('comments.created_at', 'participants') }}
    cross join policy
    where comments.created_at < policy.as_of_at
    group by comments.author_id, date_trunc('week', comments.created_at at time zone participants.time_zone)

),

turns_by_week as (

    select
        turns.user_id,
        date_trunc('week', turns.counted_date)::date as week_start,
        count(*) as turns_count,
        count(*) filter (where turns.is_in_time) as turns_in_time_count
    from turns
    group by turns.user_id, date_trunc('week', turns.counted_date)

),

cycles_by_week as (

    select
        cycles.author_id as user_id,
        date_trunc('week', cycles.reviewed_again_at at time zone participants.time_zone)::date as week_start,
        count(*) as rework_cycles
    from cycles
    inner join participants
        on
            cycles.author_id = participants.user_id
            and {{ lies_in('cycles.reviewed_again_at', 'participants') }}
    group by cycles.author_id, date_trunc('week', cycles.reviewed_again_at at time zone participants.time_zone)

)

-- Of reviews whose teams nobody knows, none can be said to be across teams.
select
    weeks.user_id,
    weeks.week_start,
    case
        when reviews_by_week.compared_count = 0 then null
        else coalesce(reviews_by_week.cross_team_prs, 0)
    end::int as cross_team_prs,
    coalesce(comments_by_week.pr_comments, 0)::int as pr_comments,
    coalesce(reviews_by_week.code_reviews_given, 0)::int as code_reviews_given,
    100.0::double precision * turns_by_week.turns_in_time_count / turns_by_week.turns_count
        as async_communication_score,
    coalesce(turns_by_week.turns_count, 0)::int as turns_count,
    coalesce(turns_by_week.turns_in_time_count, 0)::int as turns_in_time_count,
    coalesce(reviews_by_week.review_comments_count, 0)::int as review_comments_count,
    coalesce(reviews_by_week.reviews_timed_count, 0)::int as reviews_timed_count,
    coalesce(reviews_by_week.review_turnaround_hours, 0)::double precision as review_turnaround_hours,
    coalesce(cycles_by_week.rework_cycles, 0)::int as rework_cycles
from weeks
left join reviews_by_week
    on
        weeks.user_id = reviews_by_week.user_id
        and weeks.week_start = reviews_by_week.week_start
left join comments_by_week
    on
        weeks.user_id = comments_by_week.user_id
        and weeks.week_start = comments_by_week.week_start
left join turns_by_week
    on
        weeks.user_id = turns_by_week.user_id
        and weeks.week_start = turns_by_week.week_start
left join cycles_by_week
    on
        weeks.user_id = cycles_by_week.user_id
        and weeks.week_start = cycles_by_week.week_start
