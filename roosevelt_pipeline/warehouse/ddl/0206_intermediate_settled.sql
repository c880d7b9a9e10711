-- Views and seeds that stand as the dbt project, down to its last file, says: no build need look at them again.

set local role roosevelt_transform;

-- Each is named by its oid as well: one that was dropped, or made by hand, has another.
create table intermediate.settled (
    relation text primary key,
    relation_oid oid not null,
    project text not null
);
