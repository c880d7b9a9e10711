-- A row for each gap between one day and the next: there is none, because quiet days are rows too.
with

days as (

    select
        date,
        lead(date) over (order by date) as next_date
    from {{ ref('dora_summary') }}

)

select *
from days
where next_date <> date + 1
