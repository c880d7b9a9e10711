-- One row per data-health report: what it said, kept so that a reader can see what was known when.

set local role roosevelt_owner;

create table delivery.data_health_reports (
    run_id uuid primary key,
    as_of_date date not null,
    made_at timestamptz not null,
    errors int not null,
    warnings int not null,
    notes int not null,
    unknowns int not null,
    body text not null
);

comment on table delivery.data_health_reports is 'One row per data-health report.';
comment on column delivery.data_health_reports.run_id is 'Run that made it.';
comment on column delivery.data_health_reports.as_of_date is 'Newest day that counted.';
comment on column delivery.data_health_reports.made_at is 'When it was made.';
comment on column delivery.data_health_reports.errors is 'Findings that make numbers wrong or old.';
comment on column delivery.data_health_reports.warnings is 'Findings that may make numbers wrong.';
comment on column delivery.data_health_reports.notes is 'Findings that a reader of the numbers should know.';
comment on column delivery.data_health_reports.unknowns is 'Checks that could not be judged.';
comment on column delivery.data_health_reports.body is 'The report, in Markdown; it names no person.';
