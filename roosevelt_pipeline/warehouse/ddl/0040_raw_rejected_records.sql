-- One row per record, or part of one, that did not fit, with the reason. Scrubbed of what is personal.

set local role roosevelt_owner;

create table raw.rejected_records (
    id bigint generated always as identity primary key,
    source text not null,
    stream text not null,
    scope text not null,
    natural_key text not null,  -- of the record; the hash of its scrubbed text where it has none
    reason text not null,
    record jsonb,
    run_id uuid not null,
    rejected_at timestamptz not null,
    unique (source, stream, scope, natural_key, reason)
);
