{{ config(indexes=[{'columns': ['user_id', 'date']}, {'columns': ['week_start']}]) }}

-- One row per person who takes part and day of doing so, zero-filled, in the person's own zone.
with

participants as (

    select * from {{ ref('int_participants__zoned') }}

),

commits as (

    select * from {{ ref('stg_github__commits') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__readied') }}

),

reviews as (

    select * from {{ ref('int_reviews__given') }}

),

observed as (

    select * from {{ ref('int_scopes__observed') }}
    where scope_type = 'organization'

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- A merge brings no work of its own. A squashed or rebased commit is committed when it is merged.
events as (

    select
        commits.author_id as user_id,
        commits.committed_at as happened_at,
        1 as commits_count,
        null::bigint as created_id,
        null::bigint as reviewed_id,
        commits.additions,
        commits.deletions
    from commits
    where coalesce(cardinality(commits.parent_oids), 0) < 2
    union all
    select
        pull_requests.author_id as user_id,
        pull_requests.ready_at as happened_at,
        null as commits_count,
        pull_requests.pull_request_id as created_id,
        null as reviewed_id,
        null as additions,
        null as deletions
    from pull_requests
    where pull_requests.ready_at is not null
    union all
    select
        reviews.reviewer_id as user_id,
        reviews.submitted_at as happened_at,
        null as commits_count,
        null as created_id,
        reviews.pull_request_id as reviewed_id,
        null as additions,
        null as deletions
    from reviews

),

counted as (

    select
        events.user_id,
        {{ local_date('events.happened_at', 'participants.time_zone') }} as date,
        count(events.commits_count) as commits_count,
        count(events.created_id) as prs_created,
        count(distinct events.reviewed_id) as prs_reviewed,
        sum(events.additions) as code_additions,
        sum(events.deletions) as code_deletions
    from events
    inner join participants
        on
            events.user_id = participants.user_id
            and {{ lies_in('events.happened_at', 'participants') }}
    cross join policy
    where events.happened_at < policy.as_of_at
    group by events.user_id, {{ local_date('events.happened_at', 'participants.time_zone') }}

),

-- A day counts once it has ended where the person is, and from the first that was observed: not to know is no zero.
-- What is about persons is kept for some weeks.
days as (

    select distinct
        participants.user_id,
        participants.time_zone,
        generate_series(
            greatest(
                {{ local_date('participants.starts_at', 'participants.time_zone') }},
                observed.first_date,
                policy.persons_since_date
            ),
            least(
                {{ local_date('policy.as_of_at', 'participants.time_zone') }} - 1,
                {{ local_date('participants.ends_at', 'participants.time_zone') }}
            ),
            '1 day'
        )::date as date
    from participants
    cross join policy
    inner join observed
        on observed.first_date is not null

)

select
    days.user_id,
    days.date,
    coalesce(counted.commits_count, 0)::int as commits_count,
    coalesce(counted.prs_created, 0)::int as prs_created,
    coalesce(counted.prs_reviewed, 0)::int as prs_reviewed,
    coalesce(counted.code_additions, 0)::bigint as code_additions,
    coalesce(counted.code_deletions, 0)::bigint as code_deletions,
    date_trunc('week', days.date)::date as week_start,
    days.time_zone
from days
left join counted
    on
        days.user_id = counted.user_id
        and days.date = counted.date
