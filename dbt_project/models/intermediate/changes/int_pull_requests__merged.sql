{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='pull_request_id',
    raw={'github_pull_requests': "(payload ->> 'merged_at')::timestamptz"},
    indexes=[
        {'columns': ['pull_request_id'], 'unique': true},
        {'columns': ['merge_commit_oid', 'repository_id']},
        {'columns': ['head_oid', 'repository_id']},
        {'columns': ['repository_id', 'pull_request_number']},
    ],
    pre_hook=[dirty("
        select natural_key, (payload ->> 'pull_request_id')::bigint as pull_request_id
        from {{ landed('github_pull_requests') }} as landed
    "), "set local enable_nestloop = off"],
    post_hook="{% if not goes_on() %}
        create index on {{ this }} (pull_request_id)
        where reverts_pull_request_number is not null or reverts_oid is not null;
        create index on {{ this }} (pull_request_id) where not is_base_default
    {% endif %}"
) }}

-- One row per pull request merged so far, with the instants of its stages.
with

pull_requests as (

    select *
    from {{ ref('stg_github__pull_requests') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

listed_commits as (

    select *
    from {{ ref('stg_github__pull_request_commits') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

reviews as (

    select *
    from {{ ref('stg_github__pull_request_reviews') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

events as (

    select *
    from {{ ref('stg_github__pull_request_events') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

merged as (

    select
        pull_requests.*,
        coalesce(accounts.is_bot, false) as is_bot
    from pull_requests
    cross join policy
    left join accounts
        on pull_requests.author_id = accounts.user_id
    where
        pull_requests.merged_at < policy.as_of_at
        and pull_requests.state = 'MERGED'

),

-- A commit far older than its pull request was not begun for it, so it counts from the pull request.
first_commits as (

    select
        merged.pull_request_id,
        min(
            case
                when listed_commits.authored_at < merged.created_at - policy.lead_time_bound then merged.created_at
                else listed_commits.authored_at
            end
        ) as first_commit_at,
        bool_or(listed_commits.authored_at < merged.created_at - policy.lead_time_bound) as is_first_commit_bounded
    from merged
    inner join listed_commits
        on merged.pull_request_id = listed_commits.pull_request_id
    cross join policy
    group by merged.pull_request_id

),

-- Ready when made ready for the first time; ready from the start unless it was a draft then.
first_events as (

    select distinct on (events.pull_request_id)
        events.pull_request_id,
        events.event_type,
        events.happened_at
    from events
    where events.event_type in ('ready_for_review', 'convert_to_draft')
    order by events.pull_request_id asc, events.happened_at asc, events.event_type desc

),

first_reviews as (

    select
        reviews.pull_request_id,
        min(reviews.submitted_at) as first_review_at
    from reviews
    inner join merged
        on reviews.pull_request_id = merged.pull_request_id
    left join accounts
        on reviews.author_id = accounts.user_id
    where
        reviews.author_id is distinct from merged.author_id
        and not coalesce(accounts.is_bot, false)
        and reviews.submitted_at <= merged.merged_at
    group by reviews.pull_request_id

)

select
    merged.pull_request_id,
    merged.repository_id,
    merged.pull_request_number,
    merged.author_id,
    merged.is_bot,
    merged.created_at,
    merged.merged_at,
    merged.is_base_default,
    merged.head_oid,
    merged.merge_commit_oid,
    merged.additions,
    merged.deletions,
    merged.is_revert,
    merged.reverts_pull_request_number,
    merged.reverts_oid,
    merged.is_hotfix,
    coalesce(merged.closes_issue_numbers, '{}') as closes_issue_numbers,
    merged.paths,
    first_commits.first_commit_at,
    coalesce(first_commits.is_first_commit_bounded, false) as is_first_commit_bounded,
    case
        when first_events.event_type = 'ready_for_review' then first_events.happened_at
        when first_events.event_type = 'convert_to_draft' or not merged.is_draft then merged.created_at
    end as ready_at,
    first_reviews.first_review_at
from merged
left join first_commits
    on merged.pull_request_id = first_commits.pull_request_id
left join first_events
    on merged.pull_request_id = first_events.pull_request_id
left join first_reviews
    on merged.pull_request_id = first_reviews.pull_request_id
