-- Patterns of jobs and tags: of rules, which say what is a deployment, and of services, which say whose it is.

set local role roosevelt_owner;

alter table raw.policy_deployment_rules
add column jobs text[] not null default '{}',
add column tags text[] not null default '{}';

alter table raw.policy_services
add column workflows text[] not null default '{}',
add column jobs text[] not null default '{}',
add column tags text[] not null default '{}';
