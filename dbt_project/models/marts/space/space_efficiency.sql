{{ config(indexes=[{'columns': ['user_id', 'week_start']}, {'columns': ['week_start']}]) }}

-- One row per person who takes part and ISO week of which some day of the person's calendar is known.
with

days as (

    select * from {{ ref('int_person_days__focused') }}

),

expected as (

    select
        days.user_id,
        date_trunc('week', days.local_date)::date as week_start,
        count(*) as days_count
    from days
    group by days.user_id, date_trunc('week', days.local_date)::date

)

select
    days.user_id,
    date_trunc('week', days.local_date)::date as week_start,
    sum(days.focus_hours)::double precision as focus_hours,
    sum(days.meeting_hours)::double precision as meeting_hours,
    sum(days.context_switches)::int as context_switches,
    (100 * sum(days.focus_hours) / nullif(sum(days.working_hours - days.out_of_office_hours), 0))::double precision
        as deep_work_pct,
    sum(days.working_hours - days.out_of_office_hours)::double precision as available_hours,
    count(*)::int as known_days,
    max(expected.days_count)::int as expected_days
from days
inner join expected
    on
        days.user_id = expected.user_id
        and date_trunc('week', days.local_date)::date = expected.week_start
where days.is_known
group by days.user_id, date_trunc('week', days.local_date)
