-- One row per run, repository and stream that a weekly sweep asked about: what is gone, and what came back.

set local role roosevelt_owner;

create table raw.github_sweeps (
    run_id uuid not null,
    repository text not null,  -- name with owner; 'org' for the repositories themselves
    repository_id bigint,
    stream text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    outcome text not null check (outcome in ('complete', 'failed')),
    requests int not null,
    points int not null,
    held int not null,
    asked int not null,
    gone int not null,
    transferred int not null,
    revived int not null,
    error text,
    primary key (run_id, repository, stream)
);

comment on table raw.github_sweeps is 'One row per run, repository and stream that was swept.';
comment on column raw.github_sweeps.held is 'Objects in raw that were not deleted before.';
comment on column raw.github_sweeps.asked is 'Ids asked for; none where the count of GitHub agrees with ours.';
comment on column raw.github_sweeps.gone is 'Objects that GitHub no longer has, or no longer shows.';
comment on column raw.github_sweeps.transferred is 'Objects that belong to another repository or owner now.';
comment on column raw.github_sweeps.revived is 'Objects that had been taken for gone and answer again.';
