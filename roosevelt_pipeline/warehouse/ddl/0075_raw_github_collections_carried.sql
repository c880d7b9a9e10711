-- Open objects that the refresh lane left to the next run, because its budget was spent.

set local role roosevelt_owner;

alter table raw.github_collections add column carried int not null default 0;
