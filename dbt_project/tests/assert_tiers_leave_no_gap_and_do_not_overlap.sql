-- A row for each tier of an edition that does not begin where its neighbour ends: every value has exactly one tier.
with

tiers as (

    select * from {{ ref('tier_editions') }}

),

ordered as (

    select
        tiers.*,
        lag(tiers.upper_bound) over neighbours as bound_below,
        lag(tiers.is_upper_inclusive) over neighbours as is_bound_below_inclusive,
        row_number() over neighbours as place
    from tiers
    window neighbours as (
        partition by tiers.edition, tiers.metric
        order by tiers.lower_bound, tiers.upper_bound nulls last
    )

)

select *
from ordered
where
    (place = 1 and (lower_bound <> 0 or not is_lower_inclusive))
    or (place > 1 and (bound_below is distinct from lower_bound or is_bound_below_inclusive = is_lower_inclusive))
