-- Which metrics of a scope moved together over time, and all comparisons that were made to find out.

set local role roosevelt_owner;

create table analytics.metric_correlations (
    scope_type text not null,
    scope text not null,
    metric_a text not null,
    metric_b text not null,
    period text not null check (period in ('week', 'quarter')),
    lag_periods int not null,
    is_asked boolean not null,
    status text not null check (status in ('ok', 'not_enough_periods', 'constant', 'no_data')),
    first_date date,
    last_date date,
    periods_count int not null,
    effective_periods double precision not null,
    pearson double precision check (pearson between -1 and 1),
    pearson_low double precision,
    pearson_high double precision,
    spearman double precision check (spearman between -1 and 1),
    levels_pearson double precision,
    chance double precision check (chance between 0 and 1),
    fdr double precision check (fdr between 0 and 1),
    is_significant boolean not null,
    is_strong boolean not null,
    values_left_out int not null,
    said text not null,
    as_of_date date not null,
    model_version text not null,
    parameters jsonb not null,
    primary key (scope_type, scope, metric_a, metric_b, period, lag_periods),
    -- What was not tested has no chance, and what was has both.
    check ((status = 'ok') = (chance is not null)),
    check ((chance is null) = (fdr is null)),
    check (not is_significant or fdr < 0.05),
    check (not is_strong or (is_significant and least(abs(pearson), abs(spearman)) > 0.7))
);

comment on table analytics.metric_correlations is
'One row per comparison of two metrics of a scope over time: every test that was made, and why the others were not. Together is not because.';
comment on column analytics.metric_correlations.scope_type is 'What is looked at: service, team or organization. Never a person.';
comment on column analytics.metric_correlations.scope is 'Its name.';
comment on column analytics.metric_correlations.metric_a is 'First metric, as in reference.metric_catalog or reference.space_catalog.';
comment on column analytics.metric_correlations.metric_b is 'Second metric, likewise.';
comment on column analytics.metric_correlations.period is 'Length of the periods: week, or quarter where a survey is one side.';
comment on column analytics.metric_correlations.lag_periods is 'How many periods later the second metric is looked at; below zero, earlier.';
comment on column analytics.metric_correlations.is_asked is 'Whether somebody asked for the pair; the others are a bounded exploration.';
comment on column analytics.metric_correlations.status is
'ok, not_enough_periods, constant (one side never changed), or no_data. Only ok was tested.';
comment on column analytics.metric_correlations.first_date is 'First day of the first period of which both are known.';
comment on column analytics.metric_correlations.last_date is 'First day of the last of them.';
comment on column analytics.metric_correlations.periods_count is 'Changes from one period to the next that are known of both.';
comment on column analytics.metric_correlations.effective_periods is 'How many independent ones they are worth; 12 are needed.';
comment on column analytics.metric_correlations.pearson is 'Pearson coefficient of the changes.';
comment on column analytics.metric_correlations.pearson_low is 'Lower end of its 95 % interval, of this comparison alone.';
comment on column analytics.metric_correlations.pearson_high is 'Upper end of it.';
comment on column analytics.metric_correlations.spearman is 'Rank correlation of the changes.';
comment on column analytics.metric_correlations.levels_pearson is
'Pearson coefficient of the levels, as a spreadsheet shows it: two series that drift have a high one by chance. No evidence.';
comment on column analytics.metric_correlations.chance is
'Chance of coefficients this far from 0 if nothing is the matter: the larger of the two coefficients''.';
comment on column analytics.metric_correlations.fdr is
'Rate of false ones among this and all comparisons that are less probable (Benjamini and Hochberg, over all that were tested).';
comment on column analytics.metric_correlations.is_significant is 'Whether that rate is below 5 %, and both coefficients point the same way.';
comment on column analytics.metric_correlations.is_strong is 'Whether it is significant, and both coefficients are beyond 0.7.';
comment on column analytics.metric_correlations.values_left_out is 'Values of both that cannot be, such as infinities.';
comment on column analytics.metric_correlations.said is 'The comparison in a sentence. It never claims a cause.';
comment on column analytics.metric_correlations.as_of_date is 'Newest day of the data that was looked at.';
comment on column analytics.metric_correlations.model_version is 'Version of the method.';
comment on column analytics.metric_correlations.parameters is 'Its parameters; the pairs are the rows.';

-- BI reads it in its own schema. It is made from figures that are published already, never from a person's.
grant select on analytics.metric_correlations to roosevelt_transform;

set local role roosevelt_transform;

create view bi.metric_correlations as
select * from analytics.metric_correlations;

comment on view bi.metric_correlations is
'One row per comparison of two metrics of a scope over time: every test that was made, and why the others were not. Together is not because.';
