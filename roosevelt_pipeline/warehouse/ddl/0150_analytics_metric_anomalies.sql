-- What is out of the ordinary, and of which series that can be said at all.

set local role roosevelt_owner;

create table analytics.metric_anomalies (
    scope_type text not null,
    scope text not null,
    metric text not null,
    found_date date not null,
    is_high boolean not null,
    grain text not null check (grain in ('day', 'week')),
    direction text not null check (direction in ('worse', 'better')),
    is_alert boolean not null,
    shape text not null check (shape in ('open', 'spike', 'episode', 'level_shift')),
    state text not null check (state in ('open', 'back_to_normal', 'new_normal')),
    onset_date date not null,
    ended_date date,
    window_start_date date not null,
    window_days int not null,
    observed_value double precision not null,
    expected_value double precision not null,
    expected_low double precision,
    expected_high double precision,
    unit text not null,
    n bigint not null,
    effect_ratio double precision not null,
    chance double precision not null check (chance between 0 and 1),
    score double precision not null,
    said text not null,
    opened_by text not null,
    as_of_date date not null,
    model_version text not null,
    parameters jsonb not null,
    primary key (scope_type, scope, metric, found_date, is_high),
    check (onset_date <= found_date),
    check ((state = 'open') = (ended_date is null)),
    -- Good news is told, and wakes nobody.
    check (is_alert = (direction = 'worse'))
);

comment on table analytics.metric_anomalies is
'One row per incident of a metric: a window too improbable to be chance and large enough to act on, until it is over.';
comment on column analytics.metric_anomalies.scope_type is 'What is judged: service, team or organization.';
comment on column analytics.metric_anomalies.scope is 'Its name.';
comment on column analytics.metric_anomalies.metric is 'Metric, as in reference.metric_catalog.';
comment on column analytics.metric_anomalies.found_date is 'Day at whose end it could be known, from that day and those before it.';
comment on column analytics.metric_anomalies.is_high is 'Whether there was more than expected.';
comment on column analytics.metric_anomalies.grain is 'Whether single days (under a week) or weeks gave it away.';
comment on column analytics.metric_anomalies.direction is 'worse or better, by the metric''s own direction.';
comment on column analytics.metric_anomalies.is_alert is 'Whether it should be told: only what is worse.';
comment on column analytics.metric_anomalies.shape is 'open, spike (two days at most), episode, or level_shift (it came to stay).';
comment on column analytics.metric_anomalies.state is 'open, back_to_normal, or new_normal: the baseline begins anew at the onset.';
comment on column analytics.metric_anomalies.onset_date is 'First day of the window in which it was first seen.';
comment on column analytics.metric_anomalies.ended_date is 'Last day of it; missing while it is open.';
comment on column analytics.metric_anomalies.window_start_date is
'First day of the window in which it was found; the last is found_date. The items of marts.fct_metric_items between them are the events behind it.';
comment on column analytics.metric_anomalies.window_days is 'Length of that window.';
comment on column analytics.metric_anomalies.observed_value is
'Of the window: how many (counts), percent (ratios), or typical hours (durations: weighted mean of the daily medians on a logarithmic scale).';
comment on column analytics.metric_anomalies.expected_value is 'The same, as expected from the baseline.';
comment on column analytics.metric_anomalies.expected_low is 'Lower end of what 95 % of such windows hold while nothing is the matter.';
comment on column analytics.metric_anomalies.expected_high is 'Upper end of it.';
comment on column analytics.metric_anomalies.unit is 'Unit of the three values.';
comment on column analytics.metric_anomalies.n is 'Events in the window.';
comment on column analytics.metric_anomalies.effect_ratio is 'Observed over expected.';
comment on column analytics.metric_anomalies.chance is 'Chance of one such window this far out while nothing is the matter.';
comment on column analytics.metric_anomalies.score is 'Its negative decimal logarithm: 4 is one in ten thousand.';
comment on column analytics.metric_anomalies.said is 'The finding in a sentence. It never claims a cause.';
comment on column analytics.metric_anomalies.opened_by is 'The command that opens it up to its events.';
comment on column analytics.metric_anomalies.as_of_date is 'Newest day of the data that was searched.';
comment on column analytics.metric_anomalies.model_version is 'Version of the method.';
comment on column analytics.metric_anomalies.parameters is 'Its parameters.';

create table analytics.metric_anomaly_series (
    scope_type text not null,
    scope text not null,
    metric text not null,
    status text not null check (status in ('ok', 'not_enough_history', 'no_data', 'too_quiet')),
    days_known int not null,
    first_date date,
    last_date date,
    values_left_out int not null,
    said text not null,
    as_of_date date not null,
    model_version text not null,
    primary key (scope_type, scope, metric)
);

comment on table analytics.metric_anomaly_series is
'One row per series that was searched for anomalies: silence means that all is ordinary only where the status is ok.';
comment on column analytics.metric_anomaly_series.status is
'ok, not_enough_history, no_data, or too_quiet: so little happens that nothing at all would be ordinary too.';
comment on column analytics.metric_anomaly_series.days_known is 'Days with data.';
comment on column analytics.metric_anomaly_series.first_date is 'First of them.';
comment on column analytics.metric_anomaly_series.last_date is 'Last of them.';
comment on column analytics.metric_anomaly_series.values_left_out is 'Values that cannot be, such as infinities.';
comment on column analytics.metric_anomaly_series.said is 'Why it is not ok, in a sentence.';
comment on column analytics.metric_anomaly_series.as_of_date is 'Newest day of the data that was searched.';
comment on column analytics.metric_anomaly_series.model_version is 'Version of the method.';
