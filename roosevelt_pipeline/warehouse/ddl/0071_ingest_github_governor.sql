-- One decision of the governor is one call: short, and atomic by the lock of the account's row.

set local role roosevelt_owner;

-- Reserve a request, or say why not. kind is granted, busy, pace or limit; seconds until it is worth asking again.
create function ingest.github_admit(
    p_account text,
    p_resource text,
    p_label text,
    p_host text,
    p_points int,
    p_lease_seconds double precision,
    p_at_once int,
    p_at_once_in_all int,
    p_per_second double precision,
    p_burst int
)
returns table (kind text, ticket bigint, seconds double precision, reason text)
language plpgsql
set search_path = pg_catalog, ingest, pg_temp
as $$
#variable_conflict use_column
declare
    budget ingest.github_budgets;
    clock timestamptz;
    available int;
    running bigint;
    reserved bigint;
    everything bigint;
    oldest timestamptz;
    pause interval;
begin
    select * into budget from github_budgets as known
    where known.account = p_account and known.resource = p_resource for update;
    if not found then
        insert into github_budgets (account, resource, label, host)
        values (p_account, 'core', p_label, p_host), (p_account, 'graphql', p_label, p_host)
        on conflict do nothing;
        select * into budget from github_budgets as known
        where known.account = p_account and known.resource = p_resource for update;
    end if;
    clock := clock_timestamp();
    if budget.held_until > clock then
        return query select 'limit', null::bigint,
            extract(epoch from budget.held_until - clock)::double precision, budget.held_for;
        return;
    end if;
    available := case when budget.resets_at <= clock then budget.quota else budget.remaining end;
    if available < least(p_points, budget.quota) then
        return query select 'limit', null::bigint,
            extract(epoch from budget.resets_at - clock)::double precision, null::text;
        return;
    end if;
    select count(*), min(one.started_at) into everything, oldest from github_requests as one;
    if oldest < clock - interval '1 second' then
        delete from github_requests as one
        where one.expires_at <= clock
           or not exists (select from pg_stat_activity as living where living.pid = one.session);
        select count(*) into everything from github_requests as one;
    end if;
    select count(*), coalesce(sum(one.points), 0) into running, reserved from github_requests as one
    where one.account = p_account and one.resource = p_resource;
    if running >= p_at_once or everything >= p_at_once_in_all
        or available - reserved < least(p_points, budget.quota)
    then
        return query select 'busy', null::bigint, 0::double precision, null::text;
        return;
    end if;
    if p_per_second is not null then
        pause := budget.next_at - clock - make_interval(secs => (p_burst - 1) / p_per_second);
        if budget.next_at > '-infinity' and pause > interval '0' then
            return query select 'pace', null::bigint, extract(epoch from pause)::double precision, null::text;
            return;
        end if;
        update github_budgets as known
        set next_at = greatest(known.next_at, clock) + make_interval(secs => 1 / p_per_second)
        where known.account = p_account and known.resource = p_resource;
    end if;
    return query
        insert into github_requests as one (account, resource, points, session, started_at, expires_at)
        values (p_account, p_resource, p_points, pg_backend_pid(), clock,
                clock + make_interval(secs => p_lease_seconds))
        returning 'granted', one.ticket, 0::double precision, null::text;
end
$$;

-- Give a reservation back, and keep what the answer told. One that told nothing is counted as it was predicted.
create function ingest.github_settle(
    p_ticket bigint,
    p_account text,
    p_resource text,
    p_points int,
    p_remaining int,
    p_quota int,
    p_reset_seconds double precision,
    p_billed int,
    p_answered boolean,
    p_hold_reason text,
    p_hold_seconds double precision,
    p_hold_everything boolean,
    p_shortest_hold_seconds double precision
)
returns void
language plpgsql
set search_path = pg_catalog, ingest, pg_temp
as $$
declare
    budget ingest.github_budgets;
    clock timestamptz;
    told_reset timestamptz;
    same_hour constant interval := interval '60 seconds';
    hold double precision;
begin
    -- Locked in one order, and before the requests, as everybody does.
    perform 1 from github_budgets as known
    where known.account = p_account and (known.resource = p_resource or (p_hold_reason is not null and p_hold_everything))
    order by known.resource for update;
    select * into budget from github_budgets as known
    where known.account = p_account and known.resource = p_resource;
    delete from github_requests as one where one.ticket = p_ticket;
    clock := clock_timestamp();
    told_reset := clock + make_interval(secs => p_reset_seconds);
    if p_remaining is null or p_quota is null or p_reset_seconds is null then
        budget.remaining := case when budget.resets_at <= clock then budget.quota else budget.remaining end;
        if budget.remaining is not null then  -- greatest() would take an unknown for 0
            budget.remaining := greatest(0, budget.remaining - p_points);
        end if;
    elsif budget.remaining is null or budget.resets_at is null
        or abs(extract(epoch from told_reset - budget.resets_at)) > extract(epoch from same_hour)
    then
        -- Another hour; unless it is a late answer of the one that has ended.
        if budget.remaining is null or told_reset > least(budget.resets_at, clock + same_hour) then
            budget.remaining := p_remaining;
            budget.quota := p_quota;
            budget.resets_at := told_reset;
        end if;
    else
        budget.remaining := least(budget.remaining, p_remaining);
        budget.quota := p_quota;
        budget.resets_at := told_reset;
    end if;
    if p_billed is not null then
        budget.predicted_points := budget.predicted_points + p_points;
        budget.billed_points := budget.billed_points + p_billed;
        budget.mispriced_queries := budget.mispriced_queries + (p_billed <> p_points)::int;
    end if;
    if p_hold_reason is not null then
        -- Those that were under way together count once.
        if p_hold_seconds is null and coalesce(budget.held_until <= clock, true) then
            budget.strikes := budget.strikes + 1;
        end if;
        hold := coalesce(p_hold_seconds, p_shortest_hold_seconds * 2 ^ greatest(0, least(budget.strikes, 16) - 1));
    elsif p_answered then
        budget.strikes := 0;
    end if;
    update github_budgets as known
    set remaining = budget.remaining, quota = budget.quota, resets_at = budget.resets_at, strikes = budget.strikes,
        predicted_points = budget.predicted_points, billed_points = budget.billed_points,
        mispriced_queries = budget.mispriced_queries,
        told_at = case when p_remaining is null then known.told_at else clock end
    where known.account = p_account and known.resource = p_resource;
    if p_hold_reason is not null then
        update github_budgets as known
        set held_until = clock + make_interval(secs => hold), held_for = p_hold_reason
        where known.account = p_account and (p_hold_everything or known.resource = p_resource)
          and (known.held_until is null or known.held_until < clock + make_interval(secs => hold));
    end if;
end
$$;

revoke all on function ingest.github_admit(
    text, text, text, text, int, double precision, int, int, double precision, int
) from public;
revoke all on function ingest.github_settle(
    bigint, text, text, int, int, int, double precision, int, boolean, text, double precision, boolean, double precision
) from public;
grant execute on function ingest.github_admit(
    text, text, text, text, int, double precision, int, int, double precision, int
) to roosevelt_ingest;
grant execute on function ingest.github_settle(
    bigint, text, text, int, int, int, double precision, int, boolean, text, double precision, boolean, double precision
) to roosevelt_ingest;
