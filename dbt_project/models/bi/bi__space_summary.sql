{{ config(alias='space_summary', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per group, ISO week that has ended and figure of SPACE: what the gate let through about persons, and what is
-- known about the code that the group owns. A survey's figure stands in each week after its quarter.
with

figures as (

    select * from {{ source('published', 'space_figures') }}

),

performance as (

    select * from {{ ref('space_performance') }}

),

owners as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

catalog as (

    select * from {{ ref('space_catalog') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- The team of a repository whose services are of several is nobody's alone; each of them gets it.
scopes as (

    select distinct
        repositories.repository,
        'team' as scope_type,
        owners.team as scope
    from repositories
    inner join owners
        on repositories.repository_id = owners.repository_id
    where owners.team is not null
    union all
    select
        repositories.repository,
        'repository' as scope_type,
        repositories.repository as scope
    from repositories
    union all
    select
        repositories.repository,
        'organization' as scope_type,
        policy.organization as scope
    from repositories
    cross join policy

),

repository_weeks as (

    select
        performance.repository,
        performance.week_start,
        sum(performance.review_comments_count) as review_comments_count,
        sum(performance.merged_pull_requests_count) as merged_pull_requests_count,
        sum(performance.bugs_count) as bugs_count,
        max(performance.lines_count) filter (where extract(isodow from performance.date) = 7) as lines_count,
        max(performance.lines_covered) filter (where extract(isodow from performance.date) = 7) as lines_covered,
        max(performance.lines_valid) filter (where extract(isodow from performance.date) = 7) as lines_valid
    from performance
    group by performance.repository, performance.week_start
    having count(*) = 7

),

-- Bugs count where the lines are known, or they would be divided by others' lines.
by_scope as (

    select
        scopes.scope_type,
        scopes.scope,
        repository_weeks.week_start,
        100 * sum(repository_weeks.lines_covered) as covered,
        sum(repository_weeks.lines_valid) as valid,
        count(repository_weeks.lines_valid) as measured_count,
        sum(repository_weeks.review_comments_count) as comments,
        sum(repository_weeks.merged_pull_requests_count) as merged,
        1000 * sum(repository_weeks.bugs_count) filter (where repository_weeks.lines_count > 0) as bugs,
        sum(repository_weeks.lines_count) as lines,
        count(repository_weeks.lines_count) as counted_count
    from repository_weeks
    inner join scopes
        on repository_weeks.repository = scopes.repository
    group by scopes.scope_type, scopes.scope, repository_weeks.week_start

),

of_code as (

    select
        by_scope.scope_type,
        by_scope.scope,
        by_scope.week_start,
        parts.figure,
        parts.numerator::double precision as numerator,
        parts.denominator::double precision as denominator,
        parts.n::int as n
    from by_scope
    cross join lateral (
        values
        ('code_coverage_pct', by_scope.covered, by_scope.valid, by_scope.measured_count),
        ('pr_review_depth', by_scope.comments, by_scope.merged, by_scope.merged),
        ('defect_density', by_scope.bugs, by_scope.lines, by_scope.counted_count)
    ) as parts (figure, numerator, denominator, n)

),

weeks as (

    select
        figures.scope_type,
        figures.scope,
        figures.period_start as week_start,
        figures.period_end
    from figures
    where figures.period = 'week'
    union
    select
        figures.scope_type,
        figures.scope,
        date_trunc('week', figures.period_end - 1)::date as week_start,
        date_trunc('week', figures.period_end - 1)::date + 7 as period_end
    from figures
    where figures.period = 'quarter'

),

surveys as (

    select distinct on (weeks.scope_type, weeks.scope, weeks.week_start, figures.figure)
        weeks.week_start,
        figures.*
    from weeks
    inner join figures
        on
            weeks.scope_type = figures.scope_type
            and weeks.scope = figures.scope
            and figures.period = 'quarter'
            and weeks.period_end >= figures.period_end
            and weeks.period_end < figures.period_end + 184
    order by
        weeks.scope_type asc, weeks.scope asc, weeks.week_start asc, figures.figure asc, figures.period_start desc

),

of_persons as (

    select
        figures.period_start as week_start,
        figures.*
    from figures
    where figures.period = 'week'
    union all
    select * from surveys

)

select
    of_persons.scope_type,
    of_persons.scope,
    of_persons.week_start,
    of_persons.dimension,
    of_persons.figure,
    catalog.label,
    of_persons.value,
    of_persons.unit,
    of_persons.n,
    of_persons.numerator,
    of_persons.denominator,
    of_persons.status,
    of_persons.period,
    of_persons.period_start,
    of_persons.period_end,
    of_persons.definition_version
from of_persons
inner join catalog
    on of_persons.figure = catalog.figure
union all
select
    of_code.scope_type,
    of_code.scope,
    of_code.week_start,
    catalog.dimension,
    of_code.figure,
    catalog.label,
    round((of_code.numerator / nullif(of_code.denominator, 0))::numeric, catalog.digits)::double precision as value,
    catalog.unit,
    coalesce(of_code.n, 0) as n,
    of_code.numerator,
    of_code.denominator,
    case when of_code.denominator > 0 then 'ok' else 'no_data' end as status,
    catalog.period,
    of_code.week_start as period_start,
    of_code.week_start + 7 as period_end,
    catalog.definition_version
from of_code
inner join catalog
    on of_code.figure = catalog.figure
