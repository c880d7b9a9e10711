-- One row per failed run: which job, which steps, why in one line, and when someone was told.

set local role roosevelt_owner;

create table delivery.run_failures (
    run_id uuid primary key,
    job text not null,
    failed_at timestamptz not null,
    steps text[] not null,
    message text not null,
    told_at timestamptz
);

comment on table delivery.run_failures is 'One row per failed run.';
comment on column delivery.run_failures.steps is 'Steps that failed, in order.';
comment on column delivery.run_failures.message is 'Why, in words that name no person and hold no secret.';
comment on column delivery.run_failures.told_at is 'When the channel took the message; missing while nobody was told.';
