-- What was found worth an interruption, what was sent about it, and what people thought of it.

set local role roosevelt_owner;

create table delivery.alert_switch (
    is_only_row boolean primary key default true check (is_only_row),
    enabled_at timestamptz,
    evaluated_date date
);
insert into delivery.alert_switch default values;

comment on table delivery.alert_switch is 'One row: whether alerts are sent. Until somebody turns it on, all is a dry run.';
comment on column delivery.alert_switch.enabled_at is 'When alerts were turned on; missing while all is a dry run.';
comment on column delivery.alert_switch.evaluated_date is 'Newest day that was evaluated: an older one changes no alert.';

create table delivery.alerts (
    alert_id uuid primary key default gen_random_uuid(),
    alert_key text not null,
    rule text not null,
    metric text not null,
    label text not null,
    scope_type text not null,
    scope text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    state text not null check (state in ('opened', 'notified', 'acknowledged', 'silenced', 'recovered', 'expired')),
    said text not null,
    what_to_do text not null,
    value double precision,
    target double precision,
    unit text not null,
    n double precision,
    chance double precision check (chance between 0 and 1),
    owner text,
    runbook text,
    opened_by text not null,
    opened_date date not null,
    known_date date not null,
    told_date date,
    ended_date date,
    opened_at timestamptz not null,
    ended_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    hidden_by uuid references delivery.alerts,
    check ((ended_date is null) = (state not in ('recovered', 'expired'))),
    check (opened_date <= known_date)
);
-- One alert for each rule and scope, whoever evaluates at the same time.
create unique index alerts_open on delivery.alerts (alert_key) where ended_date is null;
create index on delivery.alerts (alert_key, opened_date desc);

comment on table delivery.alerts is 'One row per alert: a rule that held for a scope, from its opening to its end.';
comment on column delivery.alerts.alert_key is 'Rule, metric and scope: what makes two findings one alert.';
comment on column delivery.alerts.state is 'opened, notified, acknowledged, silenced, recovered, or expired (it could not be judged for long).';
comment on column delivery.alerts.said is 'The newest finding, in a sentence.';
comment on column delivery.alerts.target is 'What the value is held against.';
comment on column delivery.alerts.n is 'Events in the window.';
comment on column delivery.alerts.chance is 'At which as much happens by itself; missing where the rule asks no test.';
comment on column delivery.alerts.opened_by is 'The command that opens the number up to its events.';
comment on column delivery.alerts.opened_date is 'Day of the data on which it opened.';
comment on column delivery.alerts.known_date is 'Newest day on which it could be judged.';
comment on column delivery.alerts.told_date is 'Newest day on which a message about it was written; missing while none was.';
comment on column delivery.alerts.ended_date is 'Day on which it ended; missing while it is open.';
comment on column delivery.alerts.hidden_by is 'A critical alert that explains it, so that it is not told.';

create table delivery.alert_silences (
    silence_id int generated always as identity primary key,
    rule text not null,
    scope text not null,
    until_at timestamptz not null,
    reason text not null check (reason <> ''),
    silenced_by text not null check (silenced_by <> ''),
    made_at timestamptz not null
);

comment on table delivery.alert_silences is 'One row per silence: which alerts are not told until when, why, and by whose word.';
comment on column delivery.alert_silences.rule is 'Pattern of names of rules.';
comment on column delivery.alert_silences.scope is 'Pattern of scopes, as type:name.';

create table delivery.alert_messages (
    message_id uuid primary key,
    route text not null,
    channel text not null check (channel in ('slack', 'email', 'pagerduty', 'webhook')),
    kind text not null check (kind in ('opened', 'repeated', 'recovered', 'expired')),
    rule text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    dedup_key text not null,
    content jsonb not null,
    state text not null check (state in ('waiting', 'sent', 'dead', 'dry_run')),
    tries int not null default 0,
    next_at timestamptz not null,
    claimed_until timestamptz,
    made_at timestamptz not null,
    settled_at timestamptz,
    check ((state = 'waiting') = (settled_at is null))
);
create index on delivery.alert_messages (route, next_at) where state = 'waiting';

comment on table delivery.alert_messages is
'One row per message and route: written in the transaction that changes its alerts, sent at least once afterwards.';
comment on column delivery.alert_messages.message_id is 'The same for the same news, so that it is written once.';
comment on column delivery.alert_messages.dedup_key is 'By which a channel that has keys knows that it has it already.';
comment on column delivery.alert_messages.state is 'waiting, sent, dead (given up), or dry_run (nothing was sent).';
comment on column delivery.alert_messages.claimed_until is 'Until then somebody is sending it.';

create table delivery.alert_message_alerts (
    message_id uuid not null references delivery.alert_messages,
    alert_id uuid not null references delivery.alerts,
    primary key (message_id, alert_id)
);
create index on delivery.alert_message_alerts (alert_id);

comment on table delivery.alert_message_alerts is 'One row per message and alert that it tells of.';

create table delivery.alert_attempts (
    attempt_id bigint generated always as identity primary key,
    message_id uuid not null references delivery.alert_messages,
    route text not null,
    try int not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text check (outcome in ('sent', 'refused', 'not_sent', 'unknown')),
    reason text,
    unique (message_id, try),
    check ((outcome is null) = (ended_at is null))
);

comment on table delivery.alert_attempts is 'One row per try to send a message. Without an outcome: whoever tried ended before it was known.';
comment on column delivery.alert_attempts.outcome is
'sent, refused (trying again would end alike), not_sent (it certainly did not arrive), or unknown.';
comment on column delivery.alert_attempts.reason is 'Why it was not sent, without secrets and addresses.';

create table delivery.alert_verdicts (
    verdict_id bigint generated always as identity primary key,
    alert_id uuid not null references delivery.alerts,
    verdict text not null check (verdict in ('actionable', 'noise')),
    via text not null check (via in ('command', 'slack', 'email')),
    judged_at timestamptz not null
);
create index on delivery.alert_verdicts (alert_id, judged_at desc);

comment on table delivery.alert_verdicts is 'One row per verdict of a reader on an alert; the newest counts. It does not say whose.';

-- A page that BI can read; who acknowledged or silenced is for the pipeline's own roles.
grant usage on schema delivery to roosevelt_transform;
grant select (
    alert_id, alert_key, rule, metric, label, scope_type, scope, severity, state, said, what_to_do, value, target, unit,
    n, chance, owner, runbook, opened_by, opened_date, known_date, told_date, ended_date, opened_at, ended_at,
    acknowledged_at, hidden_by
) on delivery.alerts to roosevelt_transform;
grant select on delivery.alert_attempts, delivery.alert_verdicts to roosevelt_transform;

set local role roosevelt_transform;

create view bi.alerts as
select
    alert_id, rule, metric, label, scope_type, scope, severity, state, said, what_to_do, value, target, unit, n, chance,
    owner, runbook, opened_by, opened_date, known_date, told_date, ended_date, opened_at, ended_at, acknowledged_at,
    hidden_by
from delivery.alerts;

comment on view bi.alerts is 'One row per alert: a rule that held for a scope, from its opening to its end.';

create view bi.alert_attempts as
select * from delivery.alert_attempts;

comment on view bi.alert_attempts is 'One row per try to send a message about alerts.';

create view bi.alert_verdicts as
select * from delivery.alert_verdicts;

comment on view bi.alert_verdicts is 'One row per verdict of a reader on an alert; the newest counts.';

create view bi.alert_banner as
select alert_id, severity, rule, label, scope_type, scope, said, what_to_do, value, target, unit, opened_date, runbook
from delivery.alerts
where ended_date is null and hidden_by is null and state <> 'silenced';

comment on view bi.alert_banner is 'One row per open alert that is neither silenced nor explained by another: what a dashboard shows on top.';
