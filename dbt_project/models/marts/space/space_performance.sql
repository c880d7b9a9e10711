{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['repository', 'date'],
    on_schema_change='fail',
    raw={
        'coverage_reports': "(payload ->> 'measured_at')::timestamptz",
        'repository_lines': none,
        'github_issues': "(payload ->> 'created_at')::timestamptz",
    },
    indexes=[{'columns': ['repository', 'date'], 'unique': true}, {'columns': ['week_start']}],
    pre_hook="{{ dirty_repository_days() }}"
) }}

-- One row per repository and day on which it was observed. Facts of code, not of persons.
with

scopes as (

    select * from {{ ref('int_scopes__observed') }}
    where scope_type = 'repository'

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

reports as (

    select * from {{ ref('stg_quality__coverage_reports') }}

),

counts as (

    select * from {{ ref('stg_quality__repository_lines') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

pull_requests as (

    {% if goes_on() %}
        select pull_requests.*
        from dirty_keys
        cross join policy
        inner join repositories
            on dirty_keys.repository = repositories.repository
        inner join {{ ref('int_pull_requests__readied') }} as pull_requests
            on
                repositories.repository_id = pull_requests.repository_id
                and pull_requests.merged_at >= dirty_keys.date::timestamp at time zone policy.time_zone
                and pull_requests.merged_at < (dirty_keys.date + 1)::timestamp at time zone policy.time_zone
    {% else %}
        select * from {{ ref('int_pull_requests__readied') }}
    {% endif %}

),

reviews as (

    select * from {{ ref('int_reviews__given') }}
    {% if goes_on() %}
        where pull_request_id = any(array(select pull_requests.pull_request_id from pull_requests))
    {% endif %}

),

bugs as (

    select * from {{ ref('stg_github__bugs') }}

),

days as (

    select
        scopes.scope as repository,
        repositories.repository_id,
        dates.date::date as date
    from scopes
    {% if goes_on() %}
        inner join dirty_keys as dates
            on
                scopes.scope = dates.repository
                and dates.date between scopes.first_date and scopes.last_date
    {% else %}
        cross join generate_series(scopes.first_date, scopes.last_date, '1 day') as dates (date)
    {% endif %}
    inner join repositories
        on scopes.scope = repositories.repository
    where scopes.first_date is not null

),

-- How a repository stands lasts until it is measured again, or for 90 days.
coverage_spells as (

    select distinct on (reports.repository, {{ local_date('reports.measured_at', 'policy.time_zone') }})
        reports.repository,
        {{ local_date('reports.measured_at', 'policy.time_zone') }} as measured_date,
        reports.lines_covered,
        reports.lines_valid,
        reports.source
    from reports
    cross join policy
    where
        reports.measured_at < policy.as_of_at
        and reports.lines_valid > 0
    order by
        reports.repository asc,
        {{ local_date('reports.measured_at', 'policy.time_zone') }} asc,
        reports.measured_at desc,
        reports.report_key asc

),

coverage as (

    select
        coverage_spells.*,
        least(
            lead(coverage_spells.measured_date) over (
                partition by coverage_spells.repository order by coverage_spells.measured_date
            ),
            coverage_spells.measured_date + 90
        ) as until_date
    from coverage_spells

),

count_days as (

    select distinct on (counts.repository, {{ local_date('counts.counted_at', 'policy.time_zone') }})
        counts.repository,
        {{ local_date('counts.counted_at', 'policy.time_zone') }} as counted_date,
        counts.lines_count,
        counts.method
    from counts
    cross join policy
    order by
        counts.repository asc,
        {{ local_date('counts.counted_at', 'policy.time_zone') }} asc,
        counts.method asc,
        counts.counted_at desc

),

-- Nobody counted before the first time: that count holds for what went before, and says so.
lines_known as (

    select
        count_days.*,
        lag(count_days.counted_date) over (
            partition by count_days.repository order by count_days.counted_date
        ) is null as is_first,
        lead(count_days.counted_date) over (
            partition by count_days.repository order by count_days.counted_date
        ) as until_date
    from count_days

),

comments_by_pull_request as (

    select
        reviews.pull_request_id,
        sum(reviews.comments_count) as comments_count
    from reviews
    group by reviews.pull_request_id

),

merged_by_day as (

    select
        pull_requests.repository_id,
        {{ local_date('pull_requests.merged_at', 'policy.time_zone') }} as date,
        count(*) as merged_count,
        coalesce(sum(comments_by_pull_request.comments_count), 0) as comments_count
    from pull_requests
    cross join policy
    left join comments_by_pull_request
        on pull_requests.pull_request_id = comments_by_pull_request.pull_request_id
    where
        pull_requests.merged_at is not null
        and not pull_requests.is_bot
    group by pull_requests.repository_id, {{ local_date('pull_requests.merged_at', 'policy.time_zone') }}

),

bugs_by_day as (

    select
        bugs.repository_id,
        {{ local_date('bugs.created_at', 'policy.time_zone') }} as date,
        count(*) as bugs_count
    from bugs
    cross join policy
    where
        bugs.created_at < policy.as_of_at
        and not bugs.is_excluded
    group by bugs.repository_id, {{ local_date('bugs.created_at', 'policy.time_zone') }}

)

select
    days.repository,
    days.date,
    100 * coverage.lines_covered::double precision / coverage.lines_valid as code_coverage_pct,
    merged_by_day.comments_count::double precision / merged_by_day.merged_count as pr_review_depth,
    1000 * coalesce(bugs_by_day.bugs_count, 0)::double precision / nullif(lines_known.lines_count, 0) as defect_density,
    date_trunc('week', days.date)::date as week_start,
    coverage.lines_covered,
    coverage.lines_valid,
    coverage.measured_date as coverage_measured_date,
    coverage.source as coverage_source,
    coalesce(merged_by_day.comments_count, 0)::bigint as review_comments_count,
    coalesce(merged_by_day.merged_count, 0)::int as merged_pull_requests_count,
    coalesce(bugs_by_day.bugs_count, 0)::int as bugs_count,
    lines_known.lines_count,
    lines_known.method as lines_method,
    coalesce(days.date < lines_known.counted_date, false) as is_lines_count_assumed
from days
left join coverage
    on
        days.repository = coverage.repository
        and days.date >= coverage.measured_date
        and (coverage.until_date is null or days.date < coverage.until_date)
left join lines_known
    on
        days.repository = lines_known.repository
        and (lines_known.is_first or days.date >= lines_known.counted_date)
        and (lines_known.until_date is null or days.date < lines_known.until_date)
left join merged_by_day
    on
        days.repository_id = merged_by_day.repository_id
        and days.date = merged_by_day.date
left join bugs_by_day
    on
        days.repository_id = bugs_by_day.repository_id
        and days.date = bugs_by_day.date
