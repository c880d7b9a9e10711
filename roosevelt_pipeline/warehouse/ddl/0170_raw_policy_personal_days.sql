-- For how many days what is about persons is kept, which the models about persons' days go by.

set local role roosevelt_owner;

alter table raw.policy_parameters add column personal_days int not null default 90;
