"""What a governor promises, held against both of them: the books in memory and those in PostgreSQL."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from roosevelt_pipeline.governor import Account, Hold, Permit, Refusal, Told
from roosevelt_pipeline.sources.github.local_governor import LocalGovernor
from roosevelt_pipeline.warehouse.budgets import SharedGovernor, read_budgets, read_waits

ME, YOU = Account("key of me", "token 1", "github.test"), Account("key of you", "token 2", "github.test")
LEASE = 60.0
SECONDARY = Told(hold=Hold("secondary", None, True), answered=True)


@pytest.fixture(params=["memory", "PostgreSQL"])
def governor(request, fresh_warehouse):
    if request.param == "memory":
        yield LocalGovernor()
    else:
        with SharedGovernor(fresh_warehouse, "a test") as shared:
            yield shared


def granted(governor, account=ME, resource="core", points=1, lease=LEASE):
    got = governor.admit(account, resource, points, lease)
    assert isinstance(got, Permit), got
    return got


def refused(governor, account=ME, resource="core", points=1):
    got = governor.admit(account, resource, points, LEASE)
    assert isinstance(got, Refusal)
    return got


def told(remaining, reset=3600.0, quota=5000, **more):
    return Told(remaining, quota, reset, answered=True, **more)


def tell(governor, remaining, resource="core", points=1, **more):
    governor.settle(granted(governor, resource=resource, points=points), told(remaining, **more))


def test_one_query_and_four_rest_requests_of_an_account_are_under_way_at_once(governor):
    query = granted(governor, resource="graphql")
    rest = [granted(governor) for _ in range(4)]

    assert (refused(governor, resource="graphql").kind, refused(governor).kind) == ("busy", "busy")
    granted(governor, YOU, "graphql")
    governor.settle(query, told(4999))
    governor.settle(rest[0], told(4999))
    granted(governor, resource="graphql")
    granted(governor)


def test_eighty_requests_of_all_accounts_are_under_way_at_once(governor):
    for number in range(80):
        granted(governor, Account(f"key {number}", f"token {number}", "github.test"), "graphql")

    assert refused(governor, YOU).kind == "busy"


def test_nobody_knows_the_budget_before_github_told(governor):
    granted(governor, points=10_000)


def test_what_is_left_goes_to_whom_asks_first_and_nobody_overdraws_it(governor):
    tell(governor, 5)

    granted(governor, points=3)

    assert refused(governor, points=3).kind == "busy"  # it may be left over
    granted(governor, points=2)


def test_a_used_up_budget_is_waited_for_until_its_reset(governor):
    tell(governor, 0, reset=600.0)

    refusal = refused(governor)

    assert (refusal.kind, refusal.reason) == ("limit", "the hourly budget is used up")
    assert 590 < refusal.seconds <= 600
    granted(governor, resource="graphql")


def test_a_query_dearer_than_what_is_left_waits_and_a_cheaper_one_does_not(governor):
    tell(governor, 3, resource="graphql")

    assert refused(governor, resource="graphql", points=4).kind == "limit"
    granted(governor, resource="graphql", points=3)


def test_a_query_dearer_than_a_whole_hour_leaves_with_a_fresh_hour(governor):
    tell(governor, 50, resource="graphql", quota=50)

    granted(governor, resource="graphql", points=60)


def test_after_the_reset_the_budget_is_full_again(governor):
    tell(governor, 0, reset=0.05, quota=2)
    time.sleep(0.1)

    granted(governor)
    granted(governor)
    assert refused(governor).kind == "busy"


def test_answers_that_overtake_one_another_leave_the_lower_figure(governor):
    first, second = granted(governor), granted(governor)
    governor.settle(second, told(1))
    governor.settle(first, told(2))

    granted(governor, points=1)
    assert refused(governor, points=1).kind == "busy"


def test_a_late_answer_of_the_last_hour_does_not_empty_this_one(governor):
    late = granted(governor)
    tell(governor, 4000, reset=3590.0)
    governor.settle(late, told(0, reset=0.5))

    granted(governor, points=4000)


def test_a_request_without_an_answer_counts_at_its_predicted_price(governor):
    tell(governor, 5, resource="graphql")
    governor.settle(granted(governor, resource="graphql", points=4), Told())

    assert refused(governor, resource="graphql", points=2).kind == "limit"
    granted(governor, resource="graphql", points=1)


def test_a_request_without_an_answer_tells_nothing_of_a_budget_that_nobody_knows(governor):
    governor.settle(granted(governor), Told())

    granted(governor, points=4000)


def test_a_hold_of_everything_stops_both_resources_of_the_account_and_nobody_else(governor):
    governor.settle(granted(governor), Told(hold=Hold("GitHub's secondary limit", 30, True), answered=True))

    for resource in ("core", "graphql"):
        refusal = refused(governor, resource=resource)
        assert (refusal.kind, refusal.reason) == ("limit", "GitHub's secondary limit")
        assert 29 < refusal.seconds <= 30
    granted(governor, YOU)


def test_a_hold_of_one_resource_leaves_the_other(governor):
    governor.settle(granted(governor), Told(hold=Hold("used up", 30, False), answered=True))

    assert refused(governor).kind == "limit"
    granted(governor, resource="graphql")


def test_holds_without_a_time_last_a_minute_and_those_met_together_count_once(governor):
    together = [granted(governor) for _ in range(3)]
    for permit in together:
        governor.settle(permit, Told(hold=Hold("secondary", None, True), answered=True))

    assert 50 < refused(governor).seconds <= 60


def test_holds_without_a_time_become_longer_until_a_request_is_answered():
    now = [0.0]
    governor = LocalGovernor(lambda: now[0])
    seconds = []
    for told in (SECONDARY, SECONDARY, SECONDARY, Told(answered=True), SECONDARY):
        governor.settle(granted(governor), told)
        got = governor.admit(ME, "core", 1, LEASE)
        seconds.append(got.seconds if isinstance(got, Refusal) else 0)
        now[0] += 1000

    assert seconds == [60, 120, 240, 0, 60]


def test_the_shared_books_know_of_a_row_of_holds_as_well(fresh_warehouse):
    with SharedGovernor(fresh_warehouse, "a test") as governor:
        governor.settle(granted(governor), SECONDARY)
        with fresh_warehouse.connect(autocommit=True) as connection:
            connection.execute("update ingest.github_budgets set held_until = now() - interval '1 second'")
        governor.settle(granted(governor), SECONDARY)
        assert 110 < refused(governor).seconds <= 120


def test_a_reservation_that_nobody_settles_ends_with_its_lease(governor):
    granted(governor, resource="graphql", lease=0.05)
    assert refused(governor, resource="graphql").kind == "busy"
    time.sleep(1.1)  # the shared books are looked through when the oldest entry is a second old

    granted(governor, resource="graphql")


def test_more_than_twelve_rest_requests_do_not_leave_in_one_instant(governor):
    kinds = []
    for _ in range(30):
        got = governor.admit(ME, "core", 1, LEASE)
        kinds.append("granted" if isinstance(got, Permit) else got.kind)
        if isinstance(got, Permit):
            governor.settle(got, told(5000))
        else:
            assert 0 < got.seconds <= 1 / 12

    assert kinds[:12] == ["granted"] * 12
    assert "pace" in kinds


def test_two_processes_hold_one_another_back_and_see_who_waits(fresh_warehouse):
    with SharedGovernor(fresh_warehouse, "run one") as one, SharedGovernor(fresh_warehouse, "run two") as two:
        permit = granted(one, resource="graphql")
        assert refused(two, resource="graphql").kind == "busy"
        one.settle(permit, Told(hold=Hold("GitHub asks to wait", 40, True), answered=True))
        refusal = refused(two)
        assert (refusal.kind, refusal.reason) == ("limit", "GitHub asks to wait")
        with two.waiting(ME, "acme/api", refusal.reason, 40), fresh_warehouse.connect() as connection:
            (wait,) = read_waits(connection)
            assert (wait.holder, wait.label, wait.subject) == ("run two", "token 1", "acme/api")
            assert [(one.resource, one.held_for) for one in read_budgets(connection)] == [
                ("core", "GitHub asks to wait"),
                ("graphql", "GitHub asks to wait"),
            ]
        with fresh_warehouse.connect() as connection:
            assert read_waits(connection) == []


def test_a_killed_process_leaves_no_reservation_behind(fresh_warehouse):
    text = f"""
        import sys, time
        from roosevelt_pipeline.governor import Account
        from roosevelt_pipeline.warehouse.budgets import SharedGovernor
        from roosevelt_pipeline.warehouse.connections import Warehouse
        governor = SharedGovernor(Warehouse({fresh_warehouse.url!r}), "victim")
        me = Account({ME.key!r}, {ME.label!r}, {ME.host!r})
        governor.admit(me, "graphql", 1, 3600)
        with governor.waiting(me, "acme/api", "nothing", 3600):
            print("reserved", flush=True)
            time.sleep(3600)
    """
    victim = subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "reserved\n"
    with SharedGovernor(fresh_warehouse, "survivor") as survivor:
        assert refused(survivor, resource="graphql").kind == "busy"
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        deadline = time.monotonic() + 30
        while isinstance(survivor.admit(ME, "graphql", 1, LEASE), Refusal):
            assert time.monotonic() < deadline, "the reservation outlived its process"
            time.sleep(0.1)
        with fresh_warehouse.connect() as connection:
            assert read_waits(connection) == []


def test_a_lost_session_is_made_anew(fresh_warehouse):
    with SharedGovernor(fresh_warehouse, "a test") as governor:
        governor.settle(granted(governor), told(4999))
        with fresh_warehouse.connect(autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        granted(governor)


def test_drift_between_predicted_and_billed_points_is_kept(fresh_warehouse):
    with SharedGovernor(fresh_warehouse, "a test") as governor:
        tell(governor, 4999, resource="graphql", points=1, billed=1)
        tell(governor, 4996, resource="graphql", points=2, billed=3)
        with fresh_warehouse.connect() as connection:
            (state,) = read_budgets(connection)
    assert (state.predicted_points, state.billed_points, state.mispriced_queries) == (3, 4, 1)
    assert (state.remaining, state.quota, state.under_way) == (4996, 5000, 0)
