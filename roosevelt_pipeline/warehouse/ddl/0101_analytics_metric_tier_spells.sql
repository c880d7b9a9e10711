-- One row per spell: a scope, metric and window, and the days through which its tier and edition stayed the same.

set local role roosevelt_owner;

create view analytics.metric_tier_spells as
with states as (
    select
        as_of_date,
        scope_type,
        scope,
        metric,
        window_days,
        edition,
        value,
        unit,
        n,
        coalesce(tier, 'Insufficient data') as tier,
        lag(coalesce(tier, 'Insufficient data')) over days as previous_tier,
        lag(edition) over days as previous_edition
    from analytics.metric_tiers
    window days as (partition by scope_type, scope, metric, window_days order by as_of_date)
),

numbered as (
    select
        states.*,
        count(*) filter (
            where previous_tier is null or tier <> previous_tier or edition <> previous_edition
        ) over (partition by scope_type, scope, metric, window_days order by as_of_date) as spell_number
    from states
)

select
    scope_type,
    scope,
    metric,
    window_days,
    tier,
    edition,
    min(as_of_date) as since_date,
    max(as_of_date) as last_date,
    row_number() over (
        partition by scope_type, scope, metric, window_days order by max(as_of_date) desc
    ) = 1 as is_current,
    (array_agg(previous_tier order by as_of_date))[1] as previous_tier,
    (array_agg(previous_edition order by as_of_date))[1] as previous_edition,
    (array_agg(value order by as_of_date))[1] as value,
    min(unit) as unit,
    (array_agg(n order by as_of_date))[1] as n
from numbered
group by scope_type, scope, metric, window_days, spell_number, tier, edition;

comment on view analytics.metric_tier_spells is
'One row per spell: a scope, metric and window, and the days through which its tier and edition stayed the same.';
comment on column analytics.metric_tier_spells.tier is
'Elite, High, Medium, Low, or Insufficient data where too little is known to judge.';
comment on column analytics.metric_tier_spells.edition is 'Edition of the tiers.';
comment on column analytics.metric_tier_spells.since_date is 'First as-of date of the spell.';
comment on column analytics.metric_tier_spells.last_date is 'Last as-of date of the spell that was judged.';
comment on column analytics.metric_tier_spells.is_current is 'Whether it is the newest of its scope, metric and window.';
comment on column analytics.metric_tier_spells.previous_tier is 'Tier of the spell before it; missing for the first.';
comment on column analytics.metric_tier_spells.previous_edition is 'Edition of the spell before it; missing for the first.';
comment on column analytics.metric_tier_spells.value is 'The metric on the first as-of date of the spell.';
comment on column analytics.metric_tier_spells.n is 'Items that this value was made from.';

-- BI reads it in its own schema. It is about services, teams, repositories and the organisation, never about a person.
grant usage on schema analytics to roosevelt_transform;
grant select on analytics.metric_tier_spells to roosevelt_transform;

set local role roosevelt_transform;

create view bi.metric_tier_spells as
select * from analytics.metric_tier_spells;

comment on view bi.metric_tier_spells is
'One row per spell: a scope, metric and window, and the days through which its tier and edition stayed the same.';
