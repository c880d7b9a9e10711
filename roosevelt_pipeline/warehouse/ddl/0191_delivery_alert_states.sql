-- A message may wait for its digest, and one that was given up may be overtaken by the news that its alert is over.

set local role roosevelt_owner;

alter table delivery.alert_messages drop constraint alert_messages_state_check;
alter table delivery.alert_messages add constraint alert_messages_state_check
check (state in ('waiting', 'sent', 'dead', 'dry_run', 'overtaken', 'held', 'gathered'));

alter table delivery.alert_messages drop constraint alert_messages_check;
alter table delivery.alert_messages add constraint alert_messages_settled_check
check ((state in ('waiting', 'held')) = (settled_at is null));

alter table delivery.alert_messages drop constraint alert_messages_kind_check;
alter table delivery.alert_messages add constraint alert_messages_kind_check
check (kind in ('opened', 'repeated', 'recovered', 'expired', 'note', 'digest'));

comment on column delivery.alert_messages.state is
'waiting, sent, dead (given up), dry_run (nothing was sent), overtaken (its end was told before it could be), held (for its digest), or gathered (into one).';

-- Buttons in Slack: a verdict by one of them is a verdict by a link, but may be changed by pressing another.
alter table delivery.alert_verdicts drop constraint alert_verdicts_via_check;
alter table delivery.alert_verdicts add constraint alert_verdicts_via_check check (via in ('command', 'link', 'slack'));

create table delivery.alert_requests (
    request_sha bytea primary key,
    taken_at timestamptz not null default now()
);

comment on table delivery.alert_requests is
'One row per signed request of Slack or PagerDuty that was taken, so that none is taken twice; cleared after a week.';
comment on column delivery.alert_requests.request_sha is 'Digest of its signature, or of its event.';

-- The receiver stands at a door: it may press one button on one alert. It reads no table.
create function delivery.press_alert_button(
    p_alert_id uuid, p_action text, p_by text, p_request_sha bytea, p_until timestamptz
)
returns text
language plpgsql
security definer
set search_path = pg_catalog, delivery, pg_temp
as $$
declare
    alert delivery.alerts;
begin
    delete from delivery.alert_requests where taken_at < now() - interval '8 days';
    insert into delivery.alert_requests (request_sha) values (p_request_sha) on conflict do nothing;
    if not found then
        return 'repeated';
    end if;
    select * into alert from delivery.alerts where alert_id = p_alert_id for update;
    if alert.alert_id is null then
        return 'unknown';
    end if;
    if p_action in ('actionable', 'noise') then
        insert into delivery.alert_verdicts (alert_id, verdict, via, judged_at) values (p_alert_id, p_action, 'slack', now());
        return 'done';
    end if;
    if alert.ended_date is not null then
        return 'ended';
    end if;
    if p_action = 'acknowledge' then
        update delivery.alerts
        set
            state = case when state = 'silenced' then state else 'acknowledged' end,
            acknowledged_at = coalesce(acknowledged_at, now()),
            acknowledged_by = coalesce(acknowledged_by, p_by)
        where alert_id = p_alert_id;
    elsif p_action = 'unacknowledge' then
        update delivery.alerts
        set
            state = case when state <> 'acknowledged' then state when told_date is null then 'opened' else 'notified' end,
            acknowledged_at = null,
            acknowledged_by = null
        where alert_id = p_alert_id;
    elsif p_action = 'silence' then
        insert into delivery.alert_silences (rule, scope, until_at, reason, silenced_by, made_at)
        values (alert.rule, alert.scope_type || ':' || alert.scope, p_until, 'by a button in its message', p_by, now());
        update delivery.alerts set state = 'silenced' where alert_id = p_alert_id;
    else
        return 'unknown';
    end if;
    return 'done';
end
$$;

revoke all on function delivery.press_alert_button(uuid, text, text, bytea, timestamptz) from public;
grant execute on function delivery.press_alert_button(uuid, text, text, bytea, timestamptz) to roosevelt_receiver;
