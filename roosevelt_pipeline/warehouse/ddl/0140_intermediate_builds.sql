-- From where each model goes on: what it built last, what every model of a run agrees upon, and which keys changed.

set local role roosevelt_transform;

-- One row per model that goes on from its last build. A build is a number; a greater one came later.
create table intermediate.builds (
    relation text primary key,
    build bigint not null,
    whole_build bigint not null,
    version_id bigint not null,
    as_of_at timestamptz,
    fingerprint text not null
);

-- One row per model, build and key whose rows differed from those before.
create table intermediate.changed_keys (
    relation text not null,
    build bigint not null,
    key_1 text not null,
    key_2 text,
    key_3 text
);
create index on intermediate.changed_keys (relation, build);

create sequence intermediate.build_numbers as bigint;

-- One row: a digest of what makes everything different, and the instant up to which the world is known.
create table intermediate.present (
    single boolean primary key default true check (single),
    fingerprint text not null,
    as_of_at timestamptz
);
