-- One row per finding about what was read: whether all of it is here, what did not fit, what came late.
with

collections as (

    select * from {{ ref('stg_github__collections') }}

),

arrivals as not materialized (

    select * from {{ ref('stg_github__arrivals') }}

),

rejects as (

    select * from {{ ref('stg_ingest__rejects') }}

),

repositories as (

    select * from {{ ref('stg_github__repositories') }}

),

discoveries as (

    select * from {{ ref('stg_github__discoveries') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- GitHub counts issues that are no incidents, so theirs are not compared.
counted_streams as (

    select unnest(array['github_pull_requests', 'github_deployments', 'github_releases']) as stream

),

newest as (

    select distinct on (collections.repository_id, collections.stream)
        collections.repository_id,
        repositories.repository,
        collections.stream,
        collections.remote_count,
        collections.started_at
    from collections
    inner join counted_streams
        on collections.stream = counted_streams.stream
    inner join repositories
        on collections.repository_id = repositories.repository_id
    where
        collections.is_complete
        and not repositories.is_gone
    order by collections.repository_id asc, collections.stream asc, collections.started_at desc

),

held as (

    select
        arrivals.stream,
        arrivals.repository_id,
        count(*) as held_count
    from arrivals
    where exists (select 1 from newest)
    group by arrivals.stream, arrivals.repository_id

),

compared as (

    select
        newest.*,
        coalesce(held.held_count, 0) - newest.remote_count as surplus
    from newest
    left join held
        on
            newest.stream = held.stream
            and newest.repository_id = held.repository_id

),

-- With a first day of history GitHub counts what we do not read. A few more than it counted were made meanwhile.
differing as (

    select
        'count_differs' as check_name,
        case
            when compared.surplus < 0 then 'error'
            when compared.surplus > greatest(3, 0.01 * compared.remote_count) then 'warning'
            else 'note'
        end as severity,
        'repository' as scope_type,
        compared.repository as scope,
        compared.stream as subject,
        compared.surplus::double precision as value,
        'rows' as unit,
        compared.remote_count || ' rows' as expected,
        null::timestamptz as since,
        'GitHub counts ' || compared.remote_count || ', we hold ' || (compared.remote_count + compared.surplus)
            as explanation
    from compared
    cross join policy
    where
        compared.surplus <> 0
        and policy.read_since is null

),

uncounted as (

    select
        'count_differs' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        count(distinct newest.repository_id)::double precision as value,
        'repositories' as unit,
        'all counted' as expected,
        null::timestamptz as since,
        case
            when policy.read_since is not null
                then 'history is read from ' || policy.read_since || ' on, and GitHub counts all of it'
            else 'GitHub did not tell its counts; the token may lack a permission'
        end as explanation
    from newest
    cross join policy
    where
        newest.remote_count is null
        or policy.read_since is not null
    group by policy.organization, policy.read_since

),

-- More than one record in a hundred of its stream is no longer bad luck.
seen as (

    select
        collections.stream,
        sum(collections.rows_seen) as rows_seen
    from collections
    cross join policy
    where collections.started_at >= policy.as_of_at - interval '28 days'
    group by collections.stream

),

rejected as (

    select
        'records_rejected' as check_name,
        case when count(*) > 0.01 * coalesce(max(seen.rows_seen), 0) then 'warning' else 'note' end as severity,
        'organization' as scope_type,
        policy.organization as scope,
        rejects.stream || ': ' || rejects.reason as subject,
        count(*)::double precision as value,
        'records' as unit,
        'none' as expected,
        min(rejects.rejected_at) as since,
        count(*) || ' rejected in '
        || coalesce(string_agg(distinct repositories.repository, ', '), 'the organisation''s own streams')
            as explanation
    from rejects
    cross join policy
    left join repositories
        on rejects.repository_id = repositories.repository_id
    left join seen
        on rejects.stream = seen.stream
    where rejects.rejected_at >= policy.as_of_at - interval '28 days'
    group by policy.organization, rejects.stream, rejects.reason

),

-- GitHub's clock and ours may be mixed only while they agree.
agreeing as (

    select bool_and(abs(discoveries.clock_ahead_seconds) <= 60) as is_agreed
    from discoveries
    cross join policy
    where
        discoveries.clock_ahead_seconds is not null
        and discoveries.discovered_at >= policy.as_of_at - interval '28 days'

),

-- Made ten minutes before a complete collection began, so that it looked back far enough: the first such one.
timeline as (

    select
        arrivals.stream,
        arrivals.repository_id,
        arrivals.first_seen_at,
        arrivals.first_seen_at - arrivals.created_at as lateness,
        arrivals.created_at + interval '10 minutes' as due_at,
        null::timestamptz as ended_at
    from arrivals
    where arrivals.first_seen_at >= (select policy.as_of_at from policy) - interval '28 days'
    union all
    select
        collections.stream,
        collections.repository_id,
        null as first_seen_at,
        null as lateness,
        collections.started_at as due_at,
        collections.ended_at
    from collections
    where collections.is_complete

),

due as (

    select
        timeline.*,
        min(timeline.ended_at) over (
            partition by timeline.repository_id, timeline.stream
            order by timeline.due_at desc
            rows between unbounded preceding and 1 preceding
        ) as due_until
    from timeline

),

-- First read when that one had ended; what a backfill brought was not looked for before.
missed as (

    select
        due.stream,
        due.repository_id,
        due.first_seen_at,
        due.lateness
    from due
    cross join policy
    cross join agreeing
    where
        agreeing.is_agreed
        and due.first_seen_at >= policy.as_of_at - interval '28 days'
        and due.first_seen_at > due.due_until + interval '1 minute'
        and not exists (
            select 1 from collections
            where
                collections.repository_id = due.repository_id
                and collections.stream = due.stream
                and collections.lane ~ 'backfill'
                and due.first_seen_at
                between collections.started_at - interval '1 minute' and collections.ended_at + interval '1 minute'
        )

),

late as (

    select
        'records_late' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        repositories.repository as scope,
        missed.stream as subject,
        count(*)::double precision as value,
        'records' as unit,
        'none' as expected,
        min(missed.first_seen_at) as since,
        'first read up to ' || ceil(extract(epoch from max(missed.lateness)) / 3600) || ' h after they were made, '
        || 'though their repository had been read to its end meanwhile' as explanation
    from missed
    inner join repositories
        on missed.repository_id = repositories.repository_id
    group by repositories.repository, missed.stream

),

unknown_lateness as (

    select
        'records_late' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'records' as unit,
        'none' as expected,
        null::timestamptz as since,
        case
            when agreeing.is_agreed is null then 'no run compared the clocks, so nobody knows what is late'
            else 'the clocks differ, so nobody knows what is late'
        end as explanation
    from policy
    cross join agreeing
    where agreeing.is_agreed is distinct from true

)

select * from differing
union all
select * from uncounted
union all
select * from rejected
union all
select * from late
union all
select * from unknown_lateness
