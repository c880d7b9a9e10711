-- How a team stands among the teams that take part: for that team, without the others' names and without a ranking.

set local role roosevelt_owner;

create table analytics.comparison_letters (
    audience text not null,
    team text not null,
    letter text not null,
    primary key (audience, team),
    unique (audience, letter)
);

comment on table analytics.comparison_letters is
'One row per team that sees a comparison and other team in it: the letter by which it is shown there, for ever. For the pipeline alone.';
comment on column analytics.comparison_letters.audience is 'Team that sees it.';
comment on column analytics.comparison_letters.team is 'Team that is shown.';
comment on column analytics.comparison_letters.letter is 'Drawn once; another audience has another for the same team.';

create table analytics.team_comparison_values (
    audience text not null,
    metric text not null,
    letter text not null,
    value double precision not null,
    unit text not null,
    is_own boolean not null,
    primary key (audience, metric, letter)
);

comment on table analytics.team_comparison_values is
'One row per team that sees a comparison, metric and team shown in it, by its letter. In no order of merit.';
comment on column analytics.team_comparison_values.audience is 'Team that sees it.';
comment on column analytics.team_comparison_values.metric is 'Metric, as in reference.metric_catalog or reference.space_catalog.';
comment on column analytics.team_comparison_values.letter is 'Letter of the team that is shown; own for the audience itself.';
comment on column analytics.team_comparison_values.value is 'Its value; of the others two digits.';
comment on column analytics.team_comparison_values.unit is 'Unit of the value.';
comment on column analytics.team_comparison_values.is_own is 'Whether it is the audience itself.';

create table analytics.team_comparison (
    audience text not null,
    metric text not null,
    label text not null,
    unit text not null,
    status text not null check (status in ('ok', 'suppressed', 'no_data')),
    value double precision,
    teams_count int not null,
    quartile_low double precision,
    median double precision,
    quartile_high double precision,
    place text check (place in ('below', 'within', 'above')),
    said text not null,
    first_date date not null,
    last_date date not null,
    as_of_date date not null,
    primary key (audience, metric),
    check ((status = 'ok') = (place is not null)),
    check (status = 'ok' or (quartile_low is null and median is null and quartile_high is null))
);

comment on table analytics.team_comparison is
'One row per team that takes part and metric: its own value against the middle half of the teams that take part.';
comment on column analytics.team_comparison.audience is 'The team, which alone is meant to see it.';
comment on column analytics.team_comparison.metric is 'Metric, as in reference.metric_catalog or reference.space_catalog.';
comment on column analytics.team_comparison.label is 'Its label.';
comment on column analytics.team_comparison.unit is 'Its unit.';
comment on column analytics.team_comparison.status is
'ok, suppressed (fewer than five teams have a value that may be shown), or no_data (the team itself has none).';
comment on column analytics.team_comparison.value is 'The team''s own value.';
comment on column analytics.team_comparison.teams_count is 'Teams with a value, itself included.';
comment on column analytics.team_comparison.quartile_low is 'Lower end of the middle half of the teams, two digits.';
comment on column analytics.team_comparison.median is 'The middle team''s value, two digits.';
comment on column analytics.team_comparison.quartile_high is 'Upper end of the middle half, two digits.';
comment on column analytics.team_comparison.place is 'Whether the team lies below, within or above the middle half. No rank.';
comment on column analytics.team_comparison.said is 'The same in a sentence.';
comment on column analytics.team_comparison.first_date is 'First day that it is made from.';
comment on column analytics.team_comparison.last_date is 'Last of them.';
comment on column analytics.team_comparison.as_of_date is 'Newest day of the data.';
