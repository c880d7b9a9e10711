-- One row per month that has ended: a page for those who read one page a month.

set local role roosevelt_owner;

create table delivery.executive_summaries (
    month_date date primary key check (extract(day from month_date) = 1),
    organization text not null,
    as_of_date date not null,
    made_at timestamptz not null,
    run_id uuid not null,
    figures jsonb not null,
    markdown text not null,
    html text not null
);

comment on table delivery.executive_summaries is
'One row per month that has ended: a page of text, numbers and three charts about the organisation.';
comment on column delivery.executive_summaries.month_date is 'First day of the month.';
comment on column delivery.executive_summaries.organization is 'Whom it is about.';
comment on column delivery.executive_summaries.as_of_date is 'Newest day of the data when it was made: what came later is not in it.';
comment on column delivery.executive_summaries.made_at is 'When it was made last.';
comment on column delivery.executive_summaries.run_id is 'Run that made it.';
comment on column delivery.executive_summaries.figures is 'The numbers of the page, of the month and of the one before.';
comment on column delivery.executive_summaries.markdown is 'The page in Markdown, charts in it; it names no person.';
comment on column delivery.executive_summaries.html is 'The same as a page of HTML that needs nothing else.';
