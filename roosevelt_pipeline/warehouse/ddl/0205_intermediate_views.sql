-- What each view was made of, so that one which would turn out the same is left as it is.

set local role roosevelt_transform;

-- One row per view that a build made. The view is named by its oid as well: one that was dropped, or made by hand, has another.
create table intermediate.views (
    relation text primary key,
    view_oid oid not null,
    fingerprint text not null
);
