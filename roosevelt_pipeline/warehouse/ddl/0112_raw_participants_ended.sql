-- Why a period of taking part ended: a withdrawal removes data and is only undone by a later decision, the others are not.

set local role roosevelt_owner;

alter table raw.participants
add column ended_because text check (ended_because in ('opted out', 'no longer listed', 'other terms'));
alter table raw.participants
add constraint ended_for_a_reason check ((ended_at is null) = (ended_because is null));
