-- One row per day, from the first that was observed anywhere to the as-of date.
with

scopes as (

    select * from {{ ref('int_scopes__observed') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

days as (

    select
        generate_series(
            least(min(scopes.first_date), policy.as_of_date), policy.as_of_date, '1 day'
        )::date as date_day
    from policy
    left join scopes
        on scopes.first_date is not null
    group by policy.as_of_date

)

select
    date_day,
    date_trunc('week', date_day)::date as iso_week,
    extract(isoyear from date_day)::int as iso_year,
    extract(week from date_day)::int as iso_week_number,
    extract(isodow from date_day)::int as iso_weekday,
    date_trunc('month', date_day)::date as month_date,
    date_trunc('quarter', date_day)::date as quarter_date,
    extract(isodow from date_day) in (6, 7) as is_weekend
from days
