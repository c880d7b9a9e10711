-- Verdicts that come through a link in a message: each link counts once.

set local role roosevelt_owner;

alter table delivery.alert_verdicts drop constraint alert_verdicts_via_check;
alter table delivery.alert_verdicts add constraint alert_verdicts_via_check check (via in ('command', 'link'));
alter table delivery.alert_verdicts add column link_sha bytea unique;

comment on column delivery.alert_verdicts.link_sha is 'Digest of the link that was used; missing where none was.';

-- Readers of BI have no use for digests.
set local role roosevelt_transform;

create or replace view bi.alert_verdicts as
select
    verdict_id,
    alert_id,
    verdict,
    via,
    judged_at
from delivery.alert_verdicts;

set local role roosevelt_owner;

-- The receiver stands at a door: it may ask what one alert is about, and drop in a verdict on it. It reads no table.
create function delivery.alert_to_judge(p_alert_id uuid, p_link_sha bytea)
returns table (rule text, scope text, said text, is_used boolean)
language sql
stable
security definer
set search_path = pg_catalog, delivery, pg_temp
as $$
select rule, scope, said, exists (select from delivery.alert_verdicts where link_sha = p_link_sha)
from delivery.alerts
where alert_id = p_alert_id
$$;

create function delivery.judge_by_link(p_alert_id uuid, p_verdict text, p_link_sha bytea)
returns boolean
language sql
security definer
set search_path = pg_catalog, delivery, pg_temp
as $$
with kept as (
    insert into delivery.alert_verdicts (alert_id, verdict, via, judged_at, link_sha)
    select alert_id, p_verdict, 'link', now(), p_link_sha from delivery.alerts where alert_id = p_alert_id
    on conflict (link_sha) do nothing
    returning 1
)
select exists (select from kept)
$$;

revoke all on function delivery.alert_to_judge(uuid, bytea) from public;
revoke all on function delivery.judge_by_link(uuid, text, bytea) from public;
grant usage on schema delivery to roosevelt_receiver;
grant execute on function delivery.alert_to_judge(uuid, bytea) to roosevelt_receiver;
grant execute on function delivery.judge_by_link(uuid, text, bytea) to roosevelt_receiver;
