-- Notes leave through the outbox as alerts do, and a page a week says what was told and what it was worth.

set local role roosevelt_owner;

alter table delivery.alert_messages drop constraint alert_messages_kind_check;
alter table delivery.alert_messages add constraint alert_messages_kind_check
check (kind in ('opened', 'repeated', 'recovered', 'expired', 'note'));

create table delivery.alert_reviews (
    week_date date primary key check (extract(isodow from week_date) = 1),
    made_at timestamptz not null,
    run_id uuid not null,
    opened_count int not null,
    judged_count int not null,
    actionable_count int not null check (actionable_count <= judged_count),
    body text not null
);

comment on table delivery.alert_reviews is
'One row per week that has ended: the alerts of it, those that interrupt nobody as well, and how good each rule is by its verdicts.';
comment on column delivery.alert_reviews.week_date is 'Its Monday.';
comment on column delivery.alert_reviews.made_at is 'When the page was made last.';
comment on column delivery.alert_reviews.run_id is 'Run that made it.';
comment on column delivery.alert_reviews.opened_count is 'Alerts that opened in the week.';
comment on column delivery.alert_reviews.judged_count is 'Alerts of the last 90 days with a verdict.';
comment on column delivery.alert_reviews.actionable_count is 'Those of them that were actionable.';
comment on column delivery.alert_reviews.body is 'The page, in Markdown; it names no person.';
