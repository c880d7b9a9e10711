-- One row per finding about whether, when and how far repositories were read.
with

collections as (

    select * from {{ ref('stg_github__collections') }}

),

days as (

    select * from {{ ref('fct_collections') }}

),

inclusions as (

    select * from {{ ref('stg_github__inclusions') }}

),

cursors as (

    select * from {{ ref('stg_ingest__cursors') }}

),

discoveries as (

    select * from {{ ref('stg_github__discoveries') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

included as (

    select
        repository_id,
        repository,
        included_from
    from inclusions
    where included_until is null

),

every_stream as (

    select
        collections.repository_id,
        coalesce(collections.repository, policy.organization) as scope,
        collections.stream,
        max(collections.started_at) as last_started_at,
        max(collections.ended_at) filter (where collections.is_complete) as last_complete_at,
        (array_agg(collections.is_complete order by collections.started_at desc))[1] as is_complete,
        (array_agg(collections.error order by collections.started_at desc))[1] as error
    from collections
    cross join policy
    group by collections.repository_id, coalesce(collections.repository, policy.organization), collections.stream

),

newest as (

    select
        every_stream.*,
        max(every_stream.last_started_at) over (partition by every_stream.repository_id) as newest_started_at
    from every_stream

),

-- What is not even tried any more, while the rest of its repository is, is owed no more: a rule or version dropped it.
streams as (

    select *
    from newest
    where last_started_at >= newest_started_at - interval '2 days'

),

-- Since the first collection that no complete one followed.
failing as (

    select
        streams.scope,
        streams.repository_id,
        streams.stream,
        streams.error,
        count(*) as failures,
        min(collections.started_at) as since
    from streams
    inner join collections
        on
            coalesce(streams.repository_id, 0) = coalesce(collections.repository_id, 0)
            and streams.stream = collections.stream
            and collections.started_at > coalesce(streams.last_complete_at, '-infinity')
            and not collections.is_complete
    where not streams.is_complete
    group by streams.scope, streams.repository_id, streams.stream, streams.error

),

failed as (

    select
        'collection_failed' as check_name,
        'error' as severity,
        case when failing.repository_id is null then 'organization' else 'repository' end as scope_type,
        failing.scope,
        failing.stream as subject,
        failing.failures::double precision as value,
        'collections' as unit,
        'none failed' as expected,
        failing.since,
        coalesce(failing.error, 'it failed without a reason') as explanation
    from failing
    where
        failing.repository_id is null
        or failing.repository_id in (select included.repository_id from included)

),

-- Of all streams, the one that was read last the longest ago says how old a repository is.
ages as (

    select
        included.repository_id,
        included.repository,
        included.included_from,
        case
            when count(*) = count(streams.last_complete_at) then min(streams.last_complete_at)
        end as complete_at
    from included
    left join streams
        on included.repository_id = streams.repository_id
    group by included.repository_id, included.repository, included.included_from

),

stale as (

    select
        'collection_stale' as check_name,
        'error' as severity,
        'repository' as scope_type,
        ages.repository as scope,
        null as subject,
        case
            when ages.complete_at is not null
                then extract(epoch from policy.as_of_at - ages.complete_at)::double precision / 86400
        end as value,
        'days' as unit,
        'at most 2 days' as expected,
        coalesce(ages.complete_at, ages.included_from) as since,
        case
            when ages.complete_at is null then 'never read to its end since it was found'
            else 'not read to its end since'
        end as explanation
    from ages
    cross join policy
    where coalesce(ages.complete_at, ages.included_from) < policy.as_of_at - interval '2 days'

),

recent_days as (

    select days.*
    from days
    cross join policy
    where days.collection_date > policy.as_of_date - 28

),

-- A day on which nothing at all ran is one finding, not one for each repository.
idle_days as (

    select recent_days.collection_date
    from recent_days
    group by recent_days.collection_date
    having not bool_or(recent_days.is_attempted)

),

idle as (

    select
        'collection_missed' as check_name,
        'warning' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        count(*)::double precision as value,
        'days' as unit,
        'none of 28 days' as expected,
        min(idle_days.collection_date)::timestamp at time zone 'UTC' as since,
        'nothing was collected on '
        || string_agg(to_char(idle_days.collection_date, 'DD Mon'), ', ' order by idle_days.collection_date)
            as explanation
    from idle_days
    cross join policy
    group by policy.organization

),

missed as (

    select
        'collection_missed' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        recent_days.repository as scope,
        null as subject,
        count(*)::double precision as value,
        'days' as unit,
        'none of 28 days' as expected,
        min(recent_days.collection_date)::timestamp at time zone 'UTC' as since,
        'not collected, or not to the end, on '
        || string_agg(to_char(recent_days.collection_date, 'DD Mon'), ', ' order by recent_days.collection_date)
            as explanation
    from recent_days
    where
        not recent_days.is_complete
        and recent_days.collection_date not in (select idle_days.collection_date from idle_days)
    group by recent_days.repository

),

backfills as (

    select
        included.repository,
        cursors.stream,
        coalesce(
            min(collections.started_at) filter (
                where collections.started_at > coalesce(streams.last_complete_at, '-infinity')
            ),
            included.included_from
        ) as since
    from cursors
    inner join included
        on cursors.repository_id = included.repository_id
    left join streams
        on
            cursors.repository_id = streams.repository_id
            and cursors.stream = streams.stream
    left join collections
        on
            cursors.repository_id = collections.repository_id
            and cursors.stream = collections.stream
    where
        cursors.lane = 'backfill'
        and not cursors.is_complete
    group by included.repository, included.included_from, cursors.stream

),

unfinished as (

    select
        'backfill_unfinished' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        backfills.repository as scope,
        backfills.stream as subject,
        extract(epoch from policy.as_of_at - backfills.since)::double precision / 86400 as value,
        'days' as unit,
        'at most 2 days' as expected,
        backfills.since,
        'its history is still being read' as explanation
    from backfills
    cross join policy
    where backfills.since < policy.as_of_at - interval '2 days'

),

-- A lane is owed where it ever ran: refresh until it has nothing open, sweep every week.
overdue as (

    select
        'lane_overdue' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        included.repository as scope,
        cursors.stream || ', ' || cursors.lane as subject,
        extract(epoch from policy.as_of_at - cursors.updated_at)::double precision / 86400 as value,
        'days' as unit,
        'at most ' || lanes.days || ' days' as expected,
        cursors.updated_at as since,
        'the ' || cursors.lane || ' has not moved since' as explanation
    from cursors
    inner join included
        on cursors.repository_id = included.repository_id
    inner join (values ('refresh', 2), ('sweep', 9)) as lanes (lane, days)
        on cursors.lane = lanes.lane
    cross join policy
    where
        cursors.updated_at < policy.as_of_at - make_interval(days => lanes.days)
        and (cursors.lane = 'sweep' or not cursors.is_complete)

),

gone as (

    select
        'repository_gone' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        inclusions.repository as scope,
        null as subject,
        null::double precision as value,
        null as unit,
        'still found' as expected,
        max(inclusions.included_until) as since,
        'no longer among the repositories that the policy includes and the token sees' as explanation
    from inclusions
    cross join policy
    where
        inclusions.included_until >= policy.as_of_at - interval '28 days'
        and inclusions.repository_id not in (select included.repository_id from included)
    group by inclusions.repository

),

unknown_age as (

    select
        'collection_stale' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'days' as unit,
        'at most 2 days' as expected,
        null::timestamptz as since,
        'no run has found a repository yet' as explanation
    from policy
    where not exists (select 1 from included)

),

unknown_days as (

    select
        'collection_missed' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'days' as unit,
        'none of 28 days' as expected,
        null::timestamptz as since,
        'no whole day has passed since the first collection' as explanation
    from policy
    where not exists (select 1 from recent_days)

),

unknown_lanes as (

    select
        'lane_overdue' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'days' as unit,
        'at most 9 days' as expected,
        null::timestamptz as since,
        'no weekly sweep has run yet' as explanation
    from policy
    where not exists (
        select 1 from cursors
        where cursors.lane = 'sweep'
    )

),

newest_clock as (

    select
        discoveries.clock_ahead_seconds,
        discoveries.discovered_at
    from discoveries
    where discoveries.clock_ahead_seconds is not null
    order by discoveries.discovered_at desc
    limit 1

),

-- Two figures are enough: whether it is 90 or 91 days matters to nobody.
clocks as (

    select
        'clock_skew' as check_name,
        case when abs(newest_clock.clock_ahead_seconds) > 3600 then 'error' else 'warning' end as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        round(
            newest_clock.clock_ahead_seconds::numeric,
            1 - floor(log(abs(newest_clock.clock_ahead_seconds)::numeric))::int
        )::double precision as value,
        'seconds' as unit,
        'at most 60 seconds' as expected,
        null::timestamptz as since,
        case
            when newest_clock.clock_ahead_seconds > 0 then 'GitHub''s clock is ahead of ours'
            else 'GitHub''s clock is behind ours'
        end as explanation
    from newest_clock
    cross join policy
    where abs(newest_clock.clock_ahead_seconds) > 60

),

unknown_clocks as (

    select
        'clock_skew' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'seconds' as unit,
        'at most 60 seconds' as expected,
        null::timestamptz as since,
        'no run compared the clocks; a simulated company''s is its own' as explanation
    from policy
    where not exists (select 1 from newest_clock)

)

select * from failed
union all
select * from stale
union all
select * from idle
union all
select * from missed
union all
select * from unfinished
union all
select * from overdue
union all
select * from gone
union all
select * from unknown_age
union all
select * from unknown_days
union all
select * from unknown_lanes
union all
select * from clocks
union all
select * from unknown_clocks
