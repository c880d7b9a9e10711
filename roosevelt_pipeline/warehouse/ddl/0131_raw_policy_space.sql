-- Choices about SPACE that the models read.

set local role roosevelt_owner;

alter table raw.policy_parameters add column space_edition text not null default 'roosevelt-2026';
alter table raw.policy_parameters add column bug_labels text [] not null default '{bug}';
