{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='service'
) }}

-- One row per service and stretch of time in which the same team, or none, owned it; none before its first.
-- What the policy declares holds; else what it was seen to say, of which the first is taken for since ever.
with

declared as (

    select * from {{ ref('stg_policy__owners') }}

),

history as (

    select * from {{ ref('stg_policy__owner_history') }}

),

teams as (

    select * from {{ ref('stg_policy__teams') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- A team that the policy no longer names keeps the zone that it had.
last_zones as (

    select distinct on (history.team)
        history.team,
        history.time_zone
    from history
    where history.team is not null
    order by history.team asc, history.seen_on desc

),

recorded as (

    select
        history.service,
        history.team,
        case
            when lag(history.seen_on) over (partition by history.service order by history.seen_on) is not null
                then history.seen_on
        end as owned_since
    from history
    where history.service not in (select declared.service from declared)

),

stated as (

    select
        declared.service,
        declared.team,
        declared.owned_since,
        false as is_assumed
    from declared
    union all
    select
        recorded.service,
        recorded.team,
        recorded.owned_since,
        recorded.owned_since is null as is_assumed
    from recorded

),

-- A team's ownership begins with its own day.
begun as (

    select
        stated.*,
        zones.time_zone,
        stated.owned_since::timestamp at time zone zones.time_zone as begins_at
    from stated
    cross join policy
    left join teams
        on stated.team = teams.team
    left join last_zones
        on stated.team = last_zones.team
    cross join lateral (
        select coalesce(teams.time_zone, last_zones.time_zone, policy.time_zone) as time_zone
    ) as zones

),

-- Where days of zones far apart overlap, nobody begins before the owner before them.
started as (

    select
        begun.*,
        max(begun.begins_at) over (
            partition by begun.service
            order by begun.owned_since nulls first
        ) as starts_at
    from begun

)

select
    started.service,
    started.team,
    started.time_zone,
    started.is_assumed,
    started.owned_since,
    lead(started.owned_since) over later as owned_until,
    started.starts_at,
    lead(started.starts_at) over later as ends_at
from started
window later as (partition by started.service order by started.owned_since nulls first)
