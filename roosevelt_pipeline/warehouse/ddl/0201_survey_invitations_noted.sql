-- When we learnt of an invitation: files tell of those that were sent long ago, and their quarter's figures are made of them
-- before they are deleted.

set local role roosevelt_owner;

alter table survey.invitations add column noted_at timestamptz;
update survey.invitations set noted_at = coalesce(invited_at, closes_at);
alter table survey.invitations alter column noted_at set default now(), alter column noted_at set not null;
