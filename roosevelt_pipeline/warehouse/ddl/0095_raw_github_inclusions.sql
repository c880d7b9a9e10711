-- Which repositories the policy included when: what a day's collection is held against, whether it ran or not.
-- raw.github_discoveries: one row per run that asked which repositories there are, with both clocks.
-- raw.github_inclusions: one row per repository and period in which those runs found it.

set local role roosevelt_owner;

create table raw.github_discoveries (
    run_id uuid primary key,
    discovered_at timestamptz not null,  -- by our clock, as the answer came
    answered_at timestamptz,  -- by GitHub's; missing where its clock is not ours to judge
    repositories int not null
);

create table raw.github_inclusions (
    repository_id bigint not null,
    repository text not null,  -- name with owner, as last found
    included_from timestamptz not null,
    included_until timestamptz,  -- the first run that did not find it; missing while it is included
    primary key (repository_id, included_from),
    check (included_until >= included_from)
);
create unique index on raw.github_inclusions (repository_id) where included_until is null;
