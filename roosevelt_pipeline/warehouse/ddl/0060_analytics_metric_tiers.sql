-- One row per as-of date, scope, metric and window: the value, and the tier that the edition in force gives it.

set local role roosevelt_owner;

create table analytics.metric_tiers (
    as_of_date date not null,
    scope_type text not null,
    scope text not null,
    metric text not null,
    window_days int not null,
    value double precision,
    unit text not null,
    n bigint,
    tier text check (tier in ('Elite', 'High', 'Medium', 'Low')),
    edition text not null,
    status text not null check (status in ('ok', 'insufficient_data', 'no_data', 'suppressed')),
    primary key (as_of_date, scope_type, scope, metric, window_days),
    -- A tier is a judgement on enough data, never a guess.
    check (status = 'ok' or tier is null)
);

comment on table analytics.metric_tiers is
'One row per as-of date, scope, metric and window: its tier in the edition in force.';
comment on column analytics.metric_tiers.as_of_date is 'Newest day that counts.';
comment on column analytics.metric_tiers.scope_type is 'What is judged: service, repository, team or organization.';
comment on column analytics.metric_tiers.scope is 'Its name.';
comment on column analytics.metric_tiers.metric is 'Metric, as in reference.metric_catalog.';
comment on column analytics.metric_tiers.window_days is 'Days up to and including the as-of date.';
comment on column analytics.metric_tiers.value is 'The metric over the window; missing where there is nothing to measure.';
comment on column analytics.metric_tiers.unit is 'Unit of the value.';
comment on column analytics.metric_tiers.n is 'Items that the value was made from.';
comment on column analytics.metric_tiers.tier is 'Elite, High, Medium or Low; missing where data are too few.';
comment on column analytics.metric_tiers.edition is 'Edition of the tiers.';
comment on column analytics.metric_tiers.status is 'ok, insufficient_data, no_data or suppressed.';
