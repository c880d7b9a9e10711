-- What was published about groups of persons, and what was withheld. Decided once for each period, and then for ever: the
-- role that decides may add rows and change none.

create schema if not exists published authorization roosevelt_owner;

set local role roosevelt_owner;

grant usage on schema published to roosevelt_analytics, roosevelt_transform, roosevelt_ingest;

create table published.space_figures (
    figure text not null,
    dimension text not null,
    scope_type text not null check (scope_type in ('team', 'organization')),
    scope text not null,
    period text not null check (period in ('week', 'quarter')),
    period_start date not null,
    period_end date not null check (period_end > period_start),
    value double precision,
    unit text not null,
    n int,
    numerator double precision,
    denominator double precision,
    status text not null check (status in ('ok', 'suppressed')),
    reason text check (reason in ('too_few', 'dominated', 'differencing', 'too_few_changed', 'too_late')),
    definition_version int not null,
    decided_at timestamptz not null,
    run_id uuid not null,
    primary key (figure, period_start, scope_type, scope),
    check ((status = 'ok') = (value is not null and n is not null and reason is null)),
    check (status = 'ok' or (n is null and numerator is null and denominator is null))
);

comment on table published.space_figures is
'One row per figure, group and period that the gate has decided about. A row never changes, and a period of a figure that has rows gets no more.';
comment on column published.space_figures.figure is 'Figure, as in reference.space_catalog.';
comment on column published.space_figures.period_start is 'First day of the period.';
comment on column published.space_figures.period_end is 'Day after its last.';
comment on column published.space_figures.value is 'The figure; missing where it is withheld.';
comment on column published.space_figures.n is 'Persons who contributed to it in the period; missing where it is withheld.';
comment on column published.space_figures.numerator is 'What was added up.';
comment on column published.space_figures.denominator is 'What it was divided by; missing for a sum.';
comment on column published.space_figures.status is 'ok or suppressed.';
comment on column published.space_figures.reason is 'Why it is withheld. Not for BI: a reason tells of persons, too.';
comment on column published.space_figures.decided_at is 'When that was decided.';

-- The ledger: who was in what was published of small groups, for as long as later figures are held against it.
create table published.space_members (
    figure text not null,
    period_start date not null,
    scope_type text not null,
    scope text not null,
    user_id uuid not null,
    primary key (figure, period_start, scope_type, scope, user_id)
);
create index on published.space_members (user_id);

comment on table published.space_members is
'One row per published figure of a small group and person in it: what later figures are held against, so that no difference between two tells of few.';

grant select, insert on published.space_figures to roosevelt_analytics;
grant select, insert, delete on published.space_members to roosevelt_analytics;
grant select on published.space_figures to roosevelt_transform;

-- For whoever opts out or is erased. That somebody was in the group has to stay, or the next figure could be subtracted
-- from the last one; who it was need not.
create function published.forget_member(p_user_id uuid) returns void
language sql
security definer
set search_path = pg_catalog, published, pg_temp
as $$
    with others as (select gen_random_uuid() as user_id)
    update published.space_members set user_id = others.user_id
    from others
    where space_members.user_id = p_user_id
$$;

revoke all on function published.forget_member(uuid) from public;
grant execute on function published.forget_member(uuid) to roosevelt_ingest;
