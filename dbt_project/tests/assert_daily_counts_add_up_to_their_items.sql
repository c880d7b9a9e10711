-- A row for each metric and scope whose days of the last month do not hold all of its items, each once.
with

last_month as (

    select
        scopes.scope_type,
        scopes.scope,
        greatest(scopes.first_date, scopes.last_date - 30) as first_date,
        scopes.last_date
    from {{ ref('int_scopes__observed') }} as scopes

),

daily as (

    select
        daily.metric,
        daily.scope_type,
        daily.scope,
        sum(daily.n) as n
    from {{ ref('fct_metric_daily') }} as daily
    inner join last_month
        on
            daily.scope_type = last_month.scope_type
            and daily.scope = last_month.scope
            and daily.metric_date between last_month.first_date and last_month.last_date
    group by daily.metric, daily.scope_type, daily.scope

),

items as (

    select
        items.metric,
        items.scope_type,
        items.scope,
        count(*) as n
    from {{ ref('fct_metric_items') }} as items
    inner join last_month
        on
            items.scope_type = last_month.scope_type
            and items.scope = last_month.scope
            and items.metric_date between last_month.first_date and last_month.last_date
    group by items.metric, items.scope_type, items.scope

)

select
    items.metric,
    items.scope_type,
    items.scope
from items
full outer join daily
    on
        items.metric = daily.metric
        and items.scope_type = daily.scope_type
        and items.scope = daily.scope
where coalesce(items.n, 0) <> coalesce(daily.n, 0)
