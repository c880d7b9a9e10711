-- The warehouse's schemas and who may reach them.
-- Default privileges belong to the role that creates, so a table that dbt rebuilds is granted
-- again at the moment it is made.

create schema if not exists raw authorization roosevelt_owner;
create schema if not exists ingest authorization roosevelt_owner;
create schema if not exists vault authorization roosevelt_owner;
create schema if not exists analytics authorization roosevelt_owner;
create schema if not exists delivery authorization roosevelt_owner;
create schema if not exists reference authorization roosevelt_transform;
create schema if not exists staging authorization roosevelt_transform;
create schema if not exists intermediate authorization roosevelt_transform;
create schema if not exists marts authorization roosevelt_transform;
create schema if not exists bi authorization roosevelt_transform;

set local role roosevelt_owner;

-- vault: ingest may only call the functions that 0030 and 0031 grant one by one.
grant usage on schema vault to roosevelt_ingest;
alter default privileges revoke execute on functions from public;

grant usage on schema ingest to roosevelt_ingest;
grant usage on schema raw to roosevelt_ingest, roosevelt_transform;
alter default privileges in schema raw grant select, insert, update on tables to roosevelt_ingest;
alter default privileges in schema raw grant usage on sequences to roosevelt_ingest;
alter default privileges in schema raw grant select on tables to roosevelt_transform;

grant usage on schema analytics, delivery to roosevelt_analytics;
alter default privileges in schema analytics grant select, insert, update, delete on tables to roosevelt_analytics;
alter default privileges in schema analytics grant usage on sequences to roosevelt_analytics;
alter default privileges in schema delivery grant select, insert, update, delete on tables to roosevelt_analytics;
alter default privileges in schema delivery grant usage on sequences to roosevelt_analytics;

set local role roosevelt_transform;

alter default privileges revoke execute on functions from public;

grant usage on schema reference, marts to roosevelt_analytics;
alter default privileges in schema reference grant select on tables to roosevelt_analytics;
alter default privileges in schema marts grant select on tables to roosevelt_analytics;

grant usage on schema bi to roosevelt_bi, roosevelt_analytics;
alter default privileges in schema bi grant select on tables to roosevelt_bi, roosevelt_analytics;
alter default privileges in schema bi grant execute on functions to roosevelt_bi, roosevelt_analytics;
