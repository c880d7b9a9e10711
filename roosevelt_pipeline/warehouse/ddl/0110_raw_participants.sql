-- Who takes part in SPACE, since when and until when, and how the days of those who do are laid out.
-- Nobody is in here who has not opted in. user_id is the surrogate of the person's account, or of the first address
-- where there is none; raw.people says which surrogates are one person.

set local role roosevelt_owner;

create table raw.participants (
    user_id uuid not null,
    started_at timestamptz not null,
    ended_at timestamptz,  -- missing while it goes on
    survey_user_id uuid,  -- what the person's answers carry: a surrogate of its own, or user_id where both may be linked
    text_version text not null,  -- of the text that was agreed to
    channel text not null check (channel in ('directory', 'command')),  -- where the decision was written down
    primary key (user_id, started_at),
    check (ended_at > started_at)
);
create unique index on raw.participants (user_id) where ended_at is null;
create index on raw.participants (survey_user_id);

create table raw.people_settings (
    user_id uuid primary key,
    time_zone text not null,
    workday_start time not null,
    workday_end time not null check (workday_end > workday_start),
    working_days int [] not null check (working_days <@ array[1, 2, 3, 4, 5, 6, 7]),  -- 1 is Monday
    country text,
    team text,
    observed_at timestamptz not null
);

comment on table raw.participants is
'One row per person and period of taking part in SPACE. No row means not taking part.';
comment on table raw.people_settings is
'One row per participant: zone, working hours, working days. Deleted when the person opts out.';

grant delete on raw.participants, raw.people_settings to roosevelt_ingest;

-- Who stands behind identities, for those that are known already: asking makes nobody, unlike resolve_identities.
create function vault.find_identities(p_hashes bytea[])
returns table (identity_hmac bytea, user_id uuid)
language sql
stable
security definer
set search_path = pg_catalog, vault, pg_temp
as $$
select known.identity_hmac, known.user_id
from vault.identities as known
where known.identity_hmac = any (p_hashes)
  and not exists (select from vault.tombstones as gone where gone.identity_hmac = known.identity_hmac)
$$;

revoke all on function vault.find_identities(bytea[]) from public;
grant execute on function vault.find_identities(bytea[]) to roosevelt_ingest;
