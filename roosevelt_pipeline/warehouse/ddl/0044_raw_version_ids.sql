-- One sequence for all stream tables: a greater version_id changed later.

set local role roosevelt_owner;

create sequence raw.version_ids as bigint;
