{%- set streams = [
    {'name': 'pull requests opened', 'relation': 'pull_requests', 'happened_at': 'pull_requests.created_at'},
    {'name': 'commits', 'relation': 'commits', 'happened_at': 'commits.committed_at'},
    {'name': 'deployments', 'relation': 'deployments', 'happened_at': 'deployments.created_at', 'is_raw': true},
    {'name': 'workflow runs', 'relation': 'runs', 'happened_at': 'runs.started_at', 'is_raw': true},
] -%}

-- One row per stream of a repository that was unusually silent within the last 28 days.
with

pull_requests as not materialized (

    select * from {{ ref('int_pull_requests__readied') }}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

),

deployments as not materialized (

    select * from {{ ref('stg_github__deployments') }}

),

runs as not materialized (

    select * from {{ ref('stg_github__workflow_runs') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

observed as (

    select * from {{ ref('int_repositories__observed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- Of three days or more that end within the last 28, the last three lie in these.
recent_days as (

    {% for stream in streams %}
        select
            {{ stream.relation }}.repository_id,
            '{{ stream.name }}' as stream,
            ({{ stream.happened_at }} at time zone 'UTC')::date as active_date
        from {{ stream.relation }}
        where {{ happened_within(stream, '32 days') }}
        group by {{ stream.relation }}.repository_id, ({{ stream.happened_at }} at time zone 'UTC')::date
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

gaps as (

    select
        recent_days.repository_id,
        recent_days.stream,
        recent_days.active_date,
        policy.as_of_date,
        recent_days.active_date - lag(recent_days.active_date, 1, policy.as_of_date - 32) over (
            partition by recent_days.repository_id, recent_days.stream order by recent_days.active_date
        ) as days
    from recent_days
    cross join policy

),

-- Those that have no such silence, which are nearly all, need not be looked at any further.
steady as materialized (

    select
        gaps.repository_id,
        gaps.stream
    from gaps
    group by gaps.repository_id, gaps.stream, gaps.as_of_date
    having max(gaps.days) <= 3 and max(gaps.active_date) >= gaps.as_of_date - 2

),

active_days as (

    {% for stream in streams %}
        select
            {{ stream.relation }}.repository_id,
            '{{ stream.name }}' as stream,
            ({{ stream.happened_at }} at time zone 'UTC')::date as active_date,
            count(*) as n
        from {{ stream.relation }}
        where
            {{ happened_within(stream, '120 days') }}
            and {{ stream.relation }}.repository_id = any(array(
                select repositories.repository_id from repositories
                except
                select steady.repository_id from steady
                where steady.stream = '{{ stream.name }}'
            ))
        group by {{ stream.relation }}.repository_id, ({{ stream.happened_at }} at time zone 'UTC')::date
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

silences as (

    select
        active_days.repository_id,
        active_days.stream,
        active_days.active_date + 1 as first_date,
        coalesce(
            lead(active_days.active_date) over (
                partition by active_days.repository_id, active_days.stream order by active_days.active_date
            ) - 1,
            policy.as_of_date
        ) as last_date
    from active_days
    cross join policy

),

-- Of the eight weeks before it, those that were observed; four at least, or there is nothing to compare with.
candidates as (

    select
        silences.*,
        silences.last_date - silences.first_date + 1 as days,
        least(8, (silences.first_date - (observed.observed_since at time zone 'UTC')::date) / 7) as weeks
    from silences
    inner join observed
        on silences.repository_id = observed.repository_id
    cross join policy
    where
        silences.last_date > policy.as_of_date - 28
        and silences.last_date - silences.first_date >= 2

),

-- What the same weekdays brought in those weeks: a silent week-end is expected where week-ends are silent.
expectations as (

    select
        candidates.repository_id,
        candidates.stream,
        candidates.first_date,
        sum(active_days.n)::double precision / max(candidates.weeks) as events
    from candidates
    cross join
        lateral generate_series(candidates.first_date, candidates.last_date, '1 day') as days (silent_date)
    inner join active_days
        on
            candidates.repository_id = active_days.repository_id
            and candidates.stream = active_days.stream
            and candidates.first_date > active_days.active_date
            and candidates.first_date - 7 * candidates.weeks <= active_days.active_date
            and extract(isodow from days.silent_date) = extract(isodow from active_days.active_date)
    where candidates.weeks >= 4
    group by candidates.repository_id, candidates.stream, candidates.first_date

),

habits as (

    select
        candidates.repository_id,
        candidates.stream,
        candidates.first_date,
        max(earlier.last_date - earlier.first_date + 1) as longest_days
    from candidates
    left join silences as earlier
        on
            candidates.repository_id = earlier.repository_id
            and candidates.stream = earlier.stream
            and candidates.first_date > earlier.first_date
            and candidates.first_date - 7 * candidates.weeks <= earlier.first_date
    group by candidates.repository_id, candidates.stream, candidates.first_date

),

-- Seven expected and none seen happens by chance once in a thousand (e to the -7), if events come one by one; because
-- they come in bursts, it must also last more than twice as long as any silence of the weeks before.
unusual as (

    select distinct on (repositories.repository, candidates.stream)
        'activity_gap' as check_name,
        'warning' as severity,
        'repository' as scope_type,
        repositories.repository as scope,
        candidates.stream as subject,
        candidates.days::double precision as value,
        'days' as unit,
        round(expectations.events) || ' in as many days' as expected,
        candidates.first_date::timestamp at time zone 'UTC' as since,
        'none for ' || candidates.days || ' days'
        || case
            when candidates.last_date = policy.as_of_date then ', up to now'
            else ', to ' || to_char(candidates.last_date, 'DD Mon')
        end
        || ', where the longest silence before was ' || coalesce(habits.longest_days, 0) || ' days'
            as explanation
    from candidates
    inner join expectations
        on
            candidates.repository_id = expectations.repository_id
            and candidates.stream = expectations.stream
            and candidates.first_date = expectations.first_date
    inner join habits
        on
            candidates.repository_id = habits.repository_id
            and candidates.stream = habits.stream
            and candidates.first_date = habits.first_date
    inner join repositories
        on candidates.repository_id = repositories.repository_id
    cross join policy
    where
        not repositories.is_archived
        and not repositories.is_gone
        and expectations.events >= 7
        and candidates.days > 2 * greatest(coalesce(habits.longest_days, 0), 1)
    order by repositories.repository asc, candidates.stream asc, candidates.days desc, candidates.first_date desc

),

unknown as (

    select
        'activity_gap' as check_name,
        'unknown' as severity,
        'organization' as scope_type,
        policy.organization as scope,
        null as subject,
        null::double precision as value,
        'days' as unit,
        'four weeks to compare with' as expected,
        null::timestamptz as since,
        'nothing has been observed for four weeks yet' as explanation
    from policy
    where not exists (
        select 1 from observed
        where observed.observed_since < policy.as_of_at - interval '28 days'
    )

)

select * from unusual
union all
select * from unknown
