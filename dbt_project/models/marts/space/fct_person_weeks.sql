{{ config(indexes=[{'columns': ['week_start']}]) }}

-- One row per participant and ISO week: what the person's week adds to the figures of groups.
with

activity as (

    select * from {{ ref('space_activity') }}

),

collaboration as (

    select * from {{ ref('space_collaboration') }}

),

efficiency as (

    select * from {{ ref('space_efficiency') }}

),

activity_by_week as (

    select
        activity.user_id,
        activity.week_start,
        sum(activity.commits_count)::int as commits_count,
        sum(activity.prs_created)::int as prs_created,
        sum(activity.prs_reviewed)::int as prs_reviewed,
        sum(activity.code_additions)::bigint as code_additions,
        sum(activity.code_deletions)::bigint as code_deletions
    from activity
    group by activity.user_id, activity.week_start

)

select
    activity_by_week.user_id,
    activity_by_week.week_start,
    activity_by_week.commits_count,
    activity_by_week.prs_created,
    activity_by_week.prs_reviewed,
    activity_by_week.code_additions,
    activity_by_week.code_deletions,
    collaboration.cross_team_prs,
    collaboration.pr_comments,
    collaboration.code_reviews_given,
    collaboration.turns_count,
    collaboration.turns_in_time_count,
    collaboration.review_comments_count,
    collaboration.rework_cycles,
    efficiency.focus_hours,
    efficiency.meeting_hours,
    efficiency.context_switches,
    efficiency.available_hours
from activity_by_week
left join collaboration
    on
        activity_by_week.user_id = collaboration.user_id
        and activity_by_week.week_start = collaboration.week_start
-- A week of which some day is unknown is not known: its sums would be too small.
left join efficiency
    on
        activity_by_week.user_id = efficiency.user_id
        and activity_by_week.week_start = efficiency.week_start
        and efficiency.known_days = efficiency.expected_days
