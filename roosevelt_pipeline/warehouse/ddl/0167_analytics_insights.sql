-- What is worth telling, in sentences with their tests, and every question that was asked to find out.

set local role roosevelt_owner;

create table analytics.insights (
    as_of_date date not null,
    insight_key text not null,
    kind text not null,
    scope_type text not null,
    scope text not null,
    metric text not null,
    subject text not null,
    said text not null,
    usefulness double precision not null check (usefulness between 0 and 100),
    is_told boolean not null,
    told_because text not null check (told_because in ('new', 'changed', 'again', 'known', 'same_as_another')),
    told_date date,
    told_ratio double precision,
    since_date date not null,
    same_as text,
    direction text check (direction in ('worse', 'better')),
    observed_value double precision not null,
    compared_value double precision not null,
    unit text not null,
    effect_ratio double precision not null,
    ratio_low double precision,
    ratio_high double precision,
    n bigint not null,
    compared_n bigint not null,
    reach double precision not null check (reach between 0 and 1),
    chance double precision not null check (chance between 0 and 1),
    fdr double precision not null check (fdr between 0 and 1),
    first_date date not null,
    last_date date not null,
    opened_by text not null,
    evidence jsonb not null,
    model_version text not null,
    parameters jsonb not null,
    primary key (as_of_date, insight_key),
    check (is_told = (told_because in ('new', 'changed', 'again'))),
    check (not is_told or told_date = as_of_date),
    check ((told_because = 'same_as_another') = (same_as is not null))
);

comment on table analytics.insights is
'One row per day and insight that was found on it: a sentence with its test. is_told is true where the day has something new to say.';
comment on column analytics.insights.as_of_date is 'Newest day of the data.';
comment on column analytics.insights.insight_key is 'What makes it the same insight on another day.';
comment on column analytics.insights.kind is
'weekday_failures, deployment_window, last_week, trend, pull_request_size, review_comments or bottleneck.';
comment on column analytics.insights.scope_type is 'What it is about: service, team or organization. Never a person.';
comment on column analytics.insights.scope is 'Its name.';
comment on column analytics.insights.metric is 'Metric, as in reference.metric_catalog.';
comment on column analytics.insights.subject is 'Part of it that stands out: a weekday, a window, a week, a stage, a direction.';
comment on column analytics.insights.said is 'The insight in a sentence. It never claims a cause.';
comment on column analytics.insights.usefulness is
'0 to 100: what can be done about the kind, times size, sureness and the root of reach; docs/statistics.md has the formula.';
comment on column analytics.insights.is_told is 'Whether it is to be told on this day: the same insight is not told every day.';
comment on column analytics.insights.told_because is
'new, changed (materially), again (after four weeks); or not told: known, same_as_another.';
comment on column analytics.insights.told_date is 'Day on which it was told last.';
comment on column analytics.insights.told_ratio is 'Its effect when it was told last.';
comment on column analytics.insights.since_date is 'First day of those on which it was found.';
comment on column analytics.insights.same_as is 'Key of the insight that rests on the very same events and is told instead.';
comment on column analytics.insights.direction is 'worse or better, by the metric''s direction; missing where it is neither.';
comment on column analytics.insights.observed_value is 'Value of the subject.';
comment on column analytics.insights.compared_value is 'Value that it is held against.';
comment on column analytics.insights.unit is 'Unit of both.';
comment on column analytics.insights.effect_ratio is 'Effect size: observed over compared, or what stands for it in the sentence.';
comment on column analytics.insights.ratio_low is 'Lower end of its 95 % interval.';
comment on column analytics.insights.ratio_high is 'Upper end of it.';
comment on column analytics.insights.n is 'Events of the subject.';
comment on column analytics.insights.compared_n is 'Events that it is held against.';
comment on column analytics.insights.reach is 'Share of the scope''s events that it concerns.';
comment on column analytics.insights.chance is
'Chance of this if nothing is the matter, corrected for the choice of the subject among others.';
comment on column analytics.insights.fdr is 'Rate of false ones among this and the less probable answers of its kind on the day.';
comment on column analytics.insights.first_date is 'First day that it is made from.';
comment on column analytics.insights.last_date is 'Last of them.';
comment on column analytics.insights.opened_by is 'The command that opens the newest part of it up to its events.';
comment on column analytics.insights.evidence is 'Keys of the newest events behind it (item_type, items), as in marts.fct_metric_items, and of how many.';
comment on column analytics.insights.model_version is 'Version of the method.';
comment on column analytics.insights.parameters is 'Its parameters.';

create table analytics.insight_questions (
    kind text not null,
    scope_type text not null,
    scope text not null,
    metric text not null,
    status text not null check (status in ('found', 'nothing_found', 'not_enough_data', 'no_data')),
    n bigint not null,
    chance double precision check (chance between 0 and 1),
    fdr double precision check (fdr between 0 and 1),
    said text not null,
    as_of_date date not null,
    model_version text not null,
    primary key (kind, scope_type, scope, metric),
    check ((chance is null) = (fdr is null)),
    check (status <> 'no_data' or chance is null),
    check (status not in ('found', 'nothing_found') or chance is not null)
);

comment on table analytics.insight_questions is
'One row per question that was asked on the newest day: no insight means that there is none only where the status is nothing_found.';
comment on column analytics.insight_questions.kind is 'Kind of insight that it could have become.';
comment on column analytics.insight_questions.status is
'found, nothing_found, no_data, or not_enough_data: nothing was found, and a large effect would mostly have been missed.';
comment on column analytics.insight_questions.n is 'Events, weeks or changes that it could be answered from.';
comment on column analytics.insight_questions.chance is 'Chance of the answer if nothing is the matter; missing where nothing was tested.';
comment on column analytics.insight_questions.fdr is 'Rate of false ones among this and the less probable answers of its kind.';
comment on column analytics.insight_questions.said is 'The answer in a sentence.';
comment on column analytics.insight_questions.as_of_date is 'Newest day of the data.';
comment on column analytics.insight_questions.model_version is 'Version of the method.';

-- BI reads both in its own schema. They are about services, teams and the organisation, never about a person.
grant select on analytics.insights, analytics.insight_questions to roosevelt_transform;

set local role roosevelt_transform;

create view bi.insights as
select * from analytics.insights
where as_of_date = (select max(newest.as_of_date) from analytics.insights as newest);

comment on view bi.insights is 'One row per insight of the newest day: a sentence with its test.';

create view bi.insight_questions as
select * from analytics.insight_questions;

comment on view bi.insight_questions is
'One row per question that was asked on the newest day: no insight means that there is none only where the status is nothing_found.';
