-- One row per dimension: its score over the last weeks that have ended, its rating, and the change against as many
-- weeks before. A ratio is one of sums over the weeks; what is counted for a team is a mean over teams and weeks.
with

published as (

    select max(summary.week_start) + 7 as window_end
    from {{ ref('bi__space_summary') }} as summary
    where summary.dimension = 'activity'

),

parameters as (

    select
        parameters.space_edition,
        coalesce(published.window_end, date_trunc('week', parameters.last_date + 1)::date) as window_end,
        greatest(coalesce(p_weeks, 4), 1) * 7 as window_days
    from {{ ref('bi__parameters') }} as parameters
    cross join published

),

dimensions (row_position, label, dimension, figure, scope_type) as (

    values
    (1, 'Satisfaction', 'satisfaction', 'satisfaction_score', 'organization'),
    (2, 'Performance', 'performance', 'code_coverage_pct', 'organization'),
    (3, 'Activity', 'activity', 'commits_count', 'team'),
    (4, 'Collaboration', 'collaboration', 'cross_team_prs', 'team'),
    (5, 'Efficiency', 'efficiency', 'deep_work_pct', 'organization')

),

windows (is_current, weeks_before) as (

    values (true, 0), (false, 1)

),

figures as (

    select
        dimensions.dimension,
        windows.is_current,
        summary.week_start,
        summary.value,
        summary.n,
        summary.numerator,
        summary.denominator,
        summary.period_start,
        row_number() over (
            partition by dimensions.dimension, windows.is_current, summary.scope order by summary.week_start desc
        ) = 1 as is_newest
    from dimensions
    cross join parameters
    cross join windows
    inner join {{ ref('bi__space_summary') }} as summary
        on
            dimensions.figure = summary.figure
            and dimensions.scope_type = summary.scope_type
            and summary.week_start >= parameters.window_end - (windows.weeks_before + 1) * parameters.window_days
            and summary.week_start < parameters.window_end - windows.weeks_before * parameters.window_days

),

-- Satisfaction and coverage are a state: the newest counts. The others are of all weeks.
measured as (

    select
        figures.dimension,
        figures.is_current,
        case
            when figures.dimension in ('satisfaction', 'performance')
                then max(figures.value) filter (where figures.is_newest)
            when figures.dimension = 'efficiency'
                then sum(figures.numerator) / nullif(sum(figures.denominator), 0)
            else avg(figures.value)
        end as score,
        case
            when figures.dimension in ('satisfaction', 'performance')
                then max(figures.n) filter (where figures.is_newest)
            when figures.dimension = 'efficiency' then sum(figures.n)
            else count(figures.value)
        end as n,
        count(*) as rows_count,
        min(figures.period_start) filter (where figures.is_newest) as newest_period_start
    from figures
    group by figures.dimension, figures.is_current

),

-- A survey is of a quarter: it changes against the one before, not against itself of some weeks ago.
surveys as (

    select
        summary.period_start,
        max(summary.value) as value
    from {{ ref('bi__space_summary') }} as summary
    where
        summary.figure = 'satisfaction_score'
        and summary.scope_type = 'organization'
    group by summary.period_start

),

scored as (

    select
        dimensions.row_position,
        dimensions.label,
        dimensions.dimension,
        round(present.score::numeric, 2) as score,
        round(
            case dimensions.dimension
                when 'satisfaction' then present.score - surveys.value
                else present.score - past.score
            end::numeric, 2
        ) as change,
        coalesce(present.n, 0)::bigint as n,
        case
            when present.score is not null then 'ok'
            when present.rows_count > 0 and dimensions.dimension <> 'performance' then 'suppressed'
            else 'no_data'
        end as status
    from dimensions
    left join measured as present
        on
            dimensions.dimension = present.dimension
            and present.is_current
    left join measured as past
        on
            dimensions.dimension = past.dimension
            and not past.is_current
    left join surveys
        on surveys.period_start = (present.newest_period_start - interval '3 months')::date

)

select
    scored.label as dimension,
    scored.score as current_score,
    case when scored.status = 'ok' then bands.rating else 'Insufficient data' end as trend,
    benchmarks.benchmark,
    scored.change,
    benchmarks.unit,
    case when scored.status = 'suppressed' then null else scored.n end as n,
    scored.status,
    parameters.space_edition as edition,
    parameters.window_end - parameters.window_days as window_start,
    parameters.window_end
from scored
cross join parameters
left join {{ ref('bi__space_benchmarks') }} as benchmarks
    on
        scored.dimension = benchmarks.dimension
        and parameters.space_edition = benchmarks.edition
        and benchmarks.rating_rank = 1
left join {{ ref('bi__space_benchmarks') }} as bands
    on
        scored.dimension = bands.dimension
        and parameters.space_edition = bands.edition
        and (
            bands.lower_bound is null
            or scored.score > bands.lower_bound
            or (bands.is_lower_inclusive and scored.score = bands.lower_bound)
        )
        and (
            bands.upper_bound is null
            or scored.score < bands.upper_bound
            or (bands.is_upper_inclusive and scored.score = bands.upper_bound)
        )
order by scored.row_position
