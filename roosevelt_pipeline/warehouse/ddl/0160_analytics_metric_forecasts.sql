-- What is to be expected of the metrics, whether that can be believed, and when a better tier is reached.

set local role roosevelt_owner;

create table analytics.metric_forecasts (
    scope_type text not null,
    scope text not null,
    metric text not null,
    grain text not null check (grain in ('day', 'week')),
    last_date date not null,
    periods_ahead int not null check (periods_ahead > 0),
    p10 double precision not null,
    p50 double precision not null,
    p90 double precision not null,
    unit text not null,
    method text not null check (method in ('paths', 'seasonal_naive')),
    as_of_date date not null,
    model_version text not null,
    primary key (scope_type, scope, metric, grain, last_date),
    check (last_date > as_of_date),
    check (p10 <= p50 and p50 <= p90)
);

comment on table analytics.metric_forecasts is
'One row per metric, scope and day or week ahead: in between p10 and p90 eight of ten such periods are expected to lie.';
comment on column analytics.metric_forecasts.scope_type is 'What is forecast: service, team or organization.';
comment on column analytics.metric_forecasts.scope is 'Its name.';
comment on column analytics.metric_forecasts.metric is 'Metric, as in reference.metric_catalog.';
comment on column analytics.metric_forecasts.grain is 'day, or week: ISO weeks, of which the first may have begun.';
comment on column analytics.metric_forecasts.last_date is 'The day, or the Sunday with which the week ends.';
comment on column analytics.metric_forecasts.periods_ahead is 'How many days or weeks ahead; 1 is the next.';
comment on column analytics.metric_forecasts.p10 is
'One of ten futures lies below. Of counts how many in the period, of ratios percent, of durations the median in hours of what there will be.';
comment on column analytics.metric_forecasts.p50 is 'The middle of the futures.';
comment on column analytics.metric_forecasts.p90 is 'One of ten futures lies above.';
comment on column analytics.metric_forecasts.unit is 'Unit of the three.';
comment on column analytics.metric_forecasts.method is
'paths, or seasonal_naive (the last week again) where the model was not better in the last backtest; analytics.metric_forecast_series says why.';
comment on column analytics.metric_forecasts.as_of_date is 'Newest day of the data that was used.';
comment on column analytics.metric_forecasts.model_version is 'Version of the method.';

create table analytics.metric_forecast_series (
    scope_type text not null,
    scope text not null,
    metric text not null,
    grain text not null check (grain in ('day', 'week')),
    status text not null check (status in ('ok', 'not_enough_history', 'no_data', 'stopped')),
    method text check (method in ('paths', 'seasonal_naive')),
    said text not null,
    periods_known int not null,
    first_date date,
    last_date date,
    values_left_out int not null,
    as_of_date date not null,
    model_version text not null,
    parameters jsonb not null,
    primary key (scope_type, scope, metric, grain),
    check ((status = 'ok') = (method is not null)),
    -- Whoever is given no forecast is told why.
    check (said <> '')
);

comment on table analytics.metric_forecast_series is
'One row per series and grain that was to be forecast: by which method and on what grounds, or why not at all.';
comment on column analytics.metric_forecast_series.status is 'ok, not_enough_history, no_data, or stopped.';
comment on column analytics.metric_forecast_series.method is 'paths or seasonal_naive; missing where nothing is forecast.';
comment on column analytics.metric_forecast_series.said is 'Why, in a sentence.';
comment on column analytics.metric_forecast_series.periods_known is 'Days (of weekly durations weeks) with data.';
comment on column analytics.metric_forecast_series.first_date is 'First of them.';
comment on column analytics.metric_forecast_series.last_date is 'Last of them.';
comment on column analytics.metric_forecast_series.values_left_out is 'Values that cannot be, such as infinities.';
comment on column analytics.metric_forecast_series.as_of_date is 'Newest day of the data that was used.';
comment on column analytics.metric_forecast_series.model_version is 'Version of the method.';
comment on column analytics.metric_forecast_series.parameters is 'Its parameters.';

create table analytics.metric_forecast_backtests (
    scope_type text not null,
    scope text not null,
    metric text not null,
    grain text not null check (grain in ('day', 'week')),
    method text not null check (method in ('paths', 'seasonal_naive')),
    origins int not null,
    first_origin_date date not null,
    last_origin_date date not null,
    n bigint not null,
    mase double precision not null,
    pinball_loss double precision not null,
    coverage_ratio double precision not null check (coverage_ratio between 0 and 1),
    coverage_with_edges_ratio double precision not null check (coverage_with_edges_ratio between 0 and 1),
    as_of_date date not null,
    model_version text not null,
    parameters jsonb not null,
    primary key (scope_type, scope, metric, grain, method)
);

comment on table analytics.metric_forecast_backtests is
'One row per series, grain and method: how forecasts made on past days, with what was known then, compare with what came.';
comment on column analytics.metric_forecast_backtests.method is 'paths, or seasonal_naive: what the model has to beat.';
comment on column analytics.metric_forecast_backtests.origins is 'On how many past days a forecast was made.';
comment on column analytics.metric_forecast_backtests.first_origin_date is 'First of these days: the first day that was forecast.';
comment on column analytics.metric_forecast_backtests.last_origin_date is 'Last of them.';
comment on column analytics.metric_forecast_backtests.n is 'Periods that were compared.';
comment on column analytics.metric_forecast_backtests.mase is
'Mean absolute error of p50, over the mean absolute difference between neighbouring weeks in the past (of days: the same weekday''s).';
comment on column analytics.metric_forecast_backtests.pinball_loss is 'Mean pinball loss of p10, p50 and p90, over the same.';
comment on column analytics.metric_forecast_backtests.coverage_ratio is
'Share of the values between p10 and p90, 0.8 if intervals are honest; a value on an edge counts with the part that an exact interval holds.';
comment on column analytics.metric_forecast_backtests.coverage_with_edges_ratio is 'The same with edges counted whole: of counts of few it is larger.';
comment on column analytics.metric_forecast_backtests.as_of_date is 'Newest day of the data that was used.';
comment on column analytics.metric_forecast_backtests.model_version is 'Version of the method.';
comment on column analytics.metric_forecast_backtests.parameters is 'Its parameters.';

create table analytics.metric_tier_forecasts (
    scope_type text not null,
    scope text not null,
    metric text not null,
    target_tier text not null check (target_tier in ('Elite', 'High', 'Medium', 'Low')),
    edition text not null,
    window_days int not null,
    is_reached boolean not null,
    current_tier text check (current_tier in ('Elite', 'High', 'Medium', 'Low')),
    current_value double precision not null,
    unit text not null,
    probability_30_days double precision check (probability_30_days between 0 and 1),
    probability_60_days double precision check (probability_60_days between 0 and 1),
    probability_90_days double precision check (probability_90_days between 0 and 1),
    even_chance_date date,
    said text not null,
    as_of_date date not null,
    model_version text not null,
    primary key (scope_type, scope, metric, target_tier),
    -- What is reached has no probability, and what has none is reached.
    check (is_reached = (probability_90_days is null)),
    check (even_chance_date is null or probability_90_days >= 0.5)
);

comment on table analytics.metric_tier_forecasts is
'One row per metric, scope and tier that is at least as good as its own: with which probability it is reached, at the current pace.';
comment on column analytics.metric_tier_forecasts.scope_type is 'What is forecast: service, team or organization.';
comment on column analytics.metric_tier_forecasts.scope is 'Its name.';
comment on column analytics.metric_tier_forecasts.metric is 'Metric, as in reference.metric_catalog.';
comment on column analytics.metric_tier_forecasts.target_tier is 'The tier; better ones count as well.';
comment on column analytics.metric_tier_forecasts.edition is 'Edition of the tiers.';
comment on column analytics.metric_tier_forecasts.window_days is 'Days of the rolling value that has to get there.';
comment on column analytics.metric_tier_forecasts.is_reached is 'Whether it is the tier of the window that ends with the newest day.';
comment on column analytics.metric_tier_forecasts.current_tier is 'Tier of that window; missing where its value has none.';
comment on column analytics.metric_tier_forecasts.current_value is
'Value of that window; of durations the typical value of its four weeks (geometric mean of their medians).';
comment on column analytics.metric_tier_forecasts.unit is 'Unit of it.';
comment on column analytics.metric_tier_forecasts.probability_30_days is 'Share of the futures in which the window has been in the tier within 30 days.';
comment on column analytics.metric_tier_forecasts.probability_60_days is 'The same for 60 days.';
comment on column analytics.metric_tier_forecasts.probability_90_days is 'The same for 90 days.';
comment on column analytics.metric_tier_forecasts.even_chance_date is 'First day by which it has in half of the futures; missing if that is not within 90 days.';
comment on column analytics.metric_tier_forecasts.said is 'The same in a sentence. Never a certainty.';
comment on column analytics.metric_tier_forecasts.as_of_date is 'Newest day of the data that was used.';
comment on column analytics.metric_tier_forecasts.model_version is 'Version of the method.';

-- BI reads them in its own schema. They are about services, teams and the organisation, never about a person.
grant select on
    analytics.metric_forecasts,
    analytics.metric_forecast_series,
    analytics.metric_forecast_backtests,
    analytics.metric_tier_forecasts
to roosevelt_transform;

set local role roosevelt_transform;

create view bi.metric_forecasts as
select * from analytics.metric_forecasts;

comment on view bi.metric_forecasts is
'One row per metric, scope and day or week ahead: in between p10 and p90 eight of ten such periods are expected to lie.';

create view bi.metric_forecast_series as
select * from analytics.metric_forecast_series;

comment on view bi.metric_forecast_series is
'One row per series and grain that was to be forecast: by which method and on what grounds, or why not at all.';

create view bi.metric_forecast_backtests as
select * from analytics.metric_forecast_backtests;

comment on view bi.metric_forecast_backtests is
'One row per series, grain and method: how forecasts made on past days, with what was known then, compare with what came.';

create view bi.metric_tier_forecasts as
select * from analytics.metric_tier_forecasts;

comment on view bi.metric_tier_forecasts is
'One row per metric, scope and tier that is at least as good as its own: with which probability it is reached, at the current pace.';
