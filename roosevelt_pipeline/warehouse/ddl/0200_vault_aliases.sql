-- All surrogates of a few persons, without looking at those of everybody: raw.people climbs from each surrogate that
-- there is before anything can be left out, which for a page of answers out of a thousand is a thousand times too much.

set local role roosevelt_owner;

create index on vault.persons (merged_into) where merged_into is not null;

-- For each surrogate that is asked about and known: every surrogate of the same person, itself included.
-- Only ever by way of the indexes: an estimate of how many are asked for must not make it read the whole table.
create function vault.aliases_of(p_users uuid[])
returns table (user_id uuid, alias_id uuid)
language sql
stable
security definer
set search_path = pg_catalog, vault, pg_temp
set enable_hashjoin = off
set enable_mergejoin = off
as $$
with recursive climb as (
    select asked.user_id, person.user_id as reached, person.merged_into
    from (select distinct unnest(p_users) as user_id) as asked
    inner join vault.persons as person on asked.user_id = person.user_id
    union all
    select climb.user_id, above.user_id, above.merged_into
    from climb inner join vault.persons as above on climb.merged_into = above.user_id
), descent as (
    select climb.user_id, climb.reached as alias_id from climb where climb.merged_into is null
    union all
    select descent.user_id, below.user_id
    from descent inner join vault.persons as below on descent.alias_id = below.merged_into
)
select descent.user_id, descent.alias_id from descent
$$;

revoke all on function vault.aliases_of(uuid[]) from public;
grant execute on function vault.aliases_of(uuid[]) to roosevelt_ingest;
