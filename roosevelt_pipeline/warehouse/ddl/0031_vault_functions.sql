-- The only way from ingestion into the vault: keyed hashes in, surrogates out.
-- security definer with a pinned search_path: a caller's temporary objects cannot stand in for ours.

set local role roosevelt_owner;

-- Surrogates of the given hashes, in no order; new ones are made, erased ones are absent.
-- New identities are made under one lock, so that two readers cannot make two persons of one.
create function vault.resolve_identities(p_hashes bytea[], p_providers text[])
returns table (identity_hmac bytea, user_id uuid)
language plpgsql
security definer
set search_path = pg_catalog, vault, pg_temp
as $$
#variable_conflict use_column
begin
    if exists (
        select from unnest(p_hashes) as asked (hash)
        where not exists (select from vault.identities as known where known.identity_hmac = asked.hash)
          and not exists (select from vault.tombstones as gone where gone.identity_hmac = asked.hash)
    ) then
        perform pg_advisory_xact_lock(hashtextextended('roosevelt vault', 0));
        with fresh as materialized (
            select distinct on (asked.hash) asked.hash, asked.provider, gen_random_uuid() as user_id
            from unnest(p_hashes, p_providers) as asked (hash, provider)
            where not exists (select from vault.identities as known where known.identity_hmac = asked.hash)
              and not exists (select from vault.tombstones as gone where gone.identity_hmac = asked.hash)
            order by asked.hash
        ), persons as (
            insert into vault.persons (user_id) select fresh.user_id from fresh
        )
        insert into vault.identities (identity_hmac, user_id, provider)
        select fresh.hash, fresh.user_id, fresh.provider from fresh;
    end if;
    return query
        select known.identity_hmac, known.user_id
        from vault.identities as known
        where known.identity_hmac = any (p_hashes)
          and not exists (select from vault.tombstones as gone where gone.identity_hmac = known.identity_hmac);
end
$$;

-- Note that each alias is the person beside it. The first tie of an alias holds. Returns the new ties.
create function vault.merge_aliases(p_aliases uuid[], p_persons uuid[])
returns int
language plpgsql
security definer
set search_path = pg_catalog, vault, pg_temp
as $$
declare
    tie record;
    root uuid;
    above uuid;
    ties int := 0;
begin
    if not exists (
        select from unnest(p_aliases) as asked (user_id) inner join vault.persons as person using (user_id)
        where person.merged_into is null
    ) then
        return 0;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('roosevelt vault', 0));
    for tie in
        select distinct on (pair.alias) pair.alias, pair.person
        from unnest(p_aliases, p_persons) with ordinality as pair (alias, person, place)
        order by pair.alias, pair.place
    loop
        root := tie.person;
        loop
            select persons.merged_into into above from vault.persons where persons.user_id = root;
            exit when above is null;
            root := above;
        end loop;
        update vault.persons set merged_into = root
        where persons.user_id = tie.alias and persons.merged_into is null and root <> tie.alias;
        if found then
            ties := ties + 1;
        end if;
    end loop;
    return ties;
end
$$;

-- Whether this is the key of the vault; the first one asked about becomes it.
create function vault.key_fits(p_generation int, p_fingerprint bytea)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, vault, pg_temp
as $$
begin
    if not exists (select from vault.key_checks) then
        insert into vault.key_checks (generation, fingerprint) values (p_generation, p_fingerprint)
        on conflict do nothing;
    end if;
    return exists (
        select from vault.key_checks as newest
        where newest.generation = (select max(generation) from vault.key_checks)
          and newest.generation = p_generation and newest.fingerprint = p_fingerprint
    );
end
$$;

revoke all on function vault.resolve_identities(bytea[], text[]) from public;
revoke all on function vault.merge_aliases(uuid[], uuid[]) from public;
revoke all on function vault.key_fits(int, bytea) from public;
grant execute on function vault.resolve_identities(bytea[], text[]) to roosevelt_ingest;
grant execute on function vault.merge_aliases(uuid[], uuid[]) to roosevelt_ingest;
grant execute on function vault.key_fits(int, bytea) to roosevelt_ingest;
