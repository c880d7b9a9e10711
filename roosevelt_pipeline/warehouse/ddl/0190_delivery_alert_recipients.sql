-- An e-mail has several recipients, and each of them may be refused by itself: who has it is not sent it again.

set local role roosevelt_owner;

alter table delivery.alert_messages add column taken text[] not null default '{}';
alter table delivery.alert_messages add column refused text[] not null default '{}';

comment on column delivery.alert_messages.taken is 'Recipients of an e-mail that have it, as digests under a key: no address.';
comment on column delivery.alert_messages.refused is 'Recipients of an e-mail that were refused for good, as digests.';

comment on column delivery.run_failures.told_at is
'When the message about it was put into the outbox; missing while no route takes failed runs. What became of it is in delivery.alert_messages.';
