{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='pull_request_id',
    raw={
        'github_pull_requests': "greatest(
            (payload ->> 'created_at')::timestamptz,
            (payload ->> 'merged_at')::timestamptz,
            (payload ->> 'closed_at')::timestamptz,
            (
                select max((entry.value ->> 'submitted_at')::timestamptz)
                from " ~ json_rows("payload -> 'reviews'") ~ " as entry
            )
        )"
    },
    also_logs={'merges': {
        'keys': ['repository_id', 'merged_at'],
        'seen': ['pull_request_id', 'repository_id', 'merged_at', 'is_bot'],
    }},
    indexes=[
        {'columns': ['pull_request_id'], 'unique': true},
        {'columns': ['author_id']},
        {'columns': ['repository_id', 'pull_request_number']},
        {'columns': ['repository_id', 'merged_at']},
        {'columns': ['created_at']},
    ],
    pre_hook=dirty("
        select natural_key, (payload ->> 'pull_request_id')::bigint as pull_request_id
        from {{ landed('github_pull_requests') }} as landed
    ")
) }}

-- One row per pull request, open ones too, with when it first was ready for review: never, for a draft that stayed one;
-- and with when machines reviewed it, whose reviews count nowhere else.
with

pull_requests as (

    select *
    from {{ ref('stg_github__pull_requests') }}
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

reviews as (

    select *
    from {{ ref('stg_github__pull_request_reviews') }}
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

first_events as (

    select distinct on (events.pull_request_id)
        events.pull_request_id,
        events.event_type,
        events.happened_at
    from events
    where events.event_type in ('ready_for_review', 'convert_to_draft')
    order by events.pull_request_id asc, events.happened_at asc, events.event_type desc

),

reviewed_by_machines as (

    select
        reviews.pull_request_id,
        array_agg(reviews.submitted_at order by reviews.submitted_at) as machines_reviewed_at
    from reviews
    cross join policy
    inner join accounts
        on reviews.author_id = accounts.user_id
    where
        accounts.is_bot
        and reviews.submitted_at < policy.as_of_at
    group by reviews.pull_request_id

)

select
    pull_requests.pull_request_id,
    pull_requests.repository_id,
    pull_requests.pull_request_number,
    pull_requests.author_id,
    coalesce(accounts.is_bot, false) as is_bot,
    pull_requests.created_at,
    case
        when first_events.event_type = 'ready_for_review' then first_events.happened_at
        when first_events.event_type = 'convert_to_draft' or not pull_requests.is_draft then pull_requests.created_at
    end as ready_at,
    case when pull_requests.merged_at < policy.as_of_at then pull_requests.merged_at end as merged_at,
    case when pull_requests.closed_at < policy.as_of_at then pull_requests.closed_at end as closed_at,
    reviewed_by_machines.machines_reviewed_at
from pull_requests
cross join policy
left join first_events
    on pull_requests.pull_request_id = first_events.pull_request_id
left join reviewed_by_machines
    on pull_requests.pull_request_id = reviewed_by_machines.pull_request_id
left join accounts
    on pull_requests.author_id = accounts.user_id
where pull_requests.created_at < policy.as_of_at
