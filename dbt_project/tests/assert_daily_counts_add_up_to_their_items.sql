-- A row for each metric and scope whose days do not hold all of its items, each once.
with

daily as (

    select
        metric,
        scope_type,
        scope,
        sum(n) as n
    from {{ ref('fct_metric_daily') }}
    group by metric, scope_type, scope

),

items as (

    select
        items.metric,
        items.scope_type,
        items.scope,
        count(*) as n
    from {{ ref('fct_metric_items') }} as items
    inner join {{ ref('int_scopes__observed') }} as scopes
        on
            items.scope_type = scopes.scope_type
            and items.scope = scopes.scope
            and items.metric_date between scopes.first_date and scopes.last_date
    group by items.metric, items.scope_type, items.scope

)

select
    items.metric,
    items.scope_type,
    items.scope
from items
left join daily
    on
        items.metric = daily.metric
        and items.scope_type = daily.scope_type
        and items.scope = daily.scope
where items.n is distinct from daily.n
