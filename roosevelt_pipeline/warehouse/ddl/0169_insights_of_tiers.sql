-- The way into the next tier is told with a probability, and is no comparison of two numbers.

set local role roosevelt_owner;

alter table analytics.insights
add column probability double precision check (probability between 0 and 1),
alter column compared_value drop not null,
alter column effect_ratio drop not null,
alter column n drop not null,
alter column compared_n drop not null,
alter column chance drop not null,
alter column fdr drop not null,
add constraint insights_are_tests_or_forecasts check (
    (kind = 'next_tier') = (probability is not null)
    and (kind = 'next_tier')
    = (coalesce(compared_value, effect_ratio, n, compared_n, chance, fdr) is null)
);

comment on column analytics.insights.kind is
'weekday_failures, deployment_window, last_week, trend, pull_request_size, review_comments, bottleneck, or next_tier.';
comment on column analytics.insights.probability is
'Of next_tier: share of the futures in which the tier is reached within 90 days, as in analytics.metric_tier_forecasts.';
comment on column analytics.insights.told_ratio is 'Its effect when it was told last; of next_tier the probability.';
comment on column analytics.insights.usefulness is
'0 to 100: what can be done about the kind, times size (of next_tier: how soon), sureness and the root of reach; docs/statistics.md has the formula.';

set local role roosevelt_transform;

create or replace view bi.insights as
select * from analytics.insights
where as_of_date = (select max(newest.as_of_date) from analytics.insights as newest);
