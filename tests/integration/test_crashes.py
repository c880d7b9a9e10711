"""Collection killed around every answer of the database, and at any instant, and carried on by the next run.

The company is small, but has every stream. The proof that a kill happened is the exit code.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlsplit

import pytest

from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.streams import STREAMS
from tests.support.crash_proxy import CrashProxy, Moment
from tests.support.pipeline import RunningCompany, rows, running_company

SAMPLE_SIZE = 3
INSTANTS = 50
SAMPLED_INSTANTS = 2
SURROGATE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
Content = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def company() -> Iterator[RunningCompany]:
    with running_company(Company.of_days(7, date(2026, 3, 2), 14)) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(server) -> Iterator[CrashProxy]:
    address = urlsplit(server.url())
    assert address.hostname
    assert address.port
    proxy = CrashProxy(address.hostname, address.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def undisturbed(company, new_warehouse, proxy) -> tuple[Content, int]:
    """What an undisturbed run leaves, and how many answers it takes."""
    warehouse = new_warehouse()
    proxy.arm(None)
    assert collect(company, warehouse, proxy) == 0
    return content(warehouse), proxy.answers


def test_a_run_killed_at_any_of_a_sample_of_moments_is_carried_on_to_the_same_tables(
    company, undisturbed, new_warehouse, proxy
):
    _, answers = undisturbed
    moments = random.Random(20).sample(every_moment(answers), SAMPLE_SIZE)
    assert_carried_on(company, undisturbed, new_warehouse, proxy, moments)


@pytest.mark.soak
def test_a_run_killed_at_every_moment_is_carried_on_to_the_same_tables(company, undisturbed, new_warehouse, proxy):
    _, answers = undisturbed
    assert_carried_on(company, undisturbed, new_warehouse, proxy, every_moment(answers))


def test_a_run_killed_over_and_over_is_carried_on_to_the_same_tables(company, undisturbed, new_warehouse, proxy):
    expected, answers = undisturbed
    warehouse, kills = new_warehouse(), 0
    for number in random.Random(21).sample(range(answers // 4, answers // 2), 4):
        proxy.arm(Moment(number, "answer lost"))
        kills += collect(company, warehouse, proxy) == -signal.SIGKILL
    assert kills >= 2
    proxy.arm(None)
    assert collect(company, warehouse, proxy) == 0
    assert content(warehouse) == expected


def test_a_run_killed_at_any_of_a_sample_of_instants_is_carried_on_to_the_same_tables(
    company, undisturbed, new_warehouse, proxy
):
    assert_killed_and_carried_on(company, undisturbed, new_warehouse, proxy, SAMPLED_INSTANTS)


@pytest.mark.soak
def test_a_run_killed_at_fifty_instants_is_carried_on_to_the_same_tables(company, undisturbed, new_warehouse, proxy):
    assert_killed_and_carried_on(company, undisturbed, new_warehouse, proxy, INSTANTS)


def assert_killed_and_carried_on(company, undisturbed, new_warehouse, proxy, times: int) -> None:
    """Kill a run so many times at seeded shares of the time that reading takes; each kill is shown by its exit code."""
    expected, _ = undisturbed
    shares = random.Random(22)
    proxy.arm(None)
    whole = seconds_of_reading(company, new_warehouse(), proxy)
    killed = 0
    for _ in range(4 * times):
        if killed == times:
            break
        warehouse, share = new_warehouse(), shares.uniform(0, 0.95)
        proxy.arm(None)
        if collect_until(company, warehouse, proxy, share * whole) != -signal.SIGKILL:
            continue  # it was faster than the one that was measured
        killed += 1
        proxy.arm(None)
        assert collect(company, warehouse, proxy) == 0, share
        assert content(warehouse) == expected, share
    assert killed == times


def seconds_of_reading(company: RunningCompany, warehouse: Warehouse, proxy: CrashProxy) -> float:
    process = start(company, warehouse, proxy)
    wait_for_an_answer(process, proxy)
    began = time.monotonic()
    assert process.wait(timeout=120) == 0
    return time.monotonic() - began


def collect_until(company: RunningCompany, warehouse: Warehouse, proxy: CrashProxy, seconds: float) -> int:
    """Collect, and kill -9 so long after the database's first answer. Returns the exit code."""
    process = start(company, warehouse, proxy)
    wait_for_an_answer(process, proxy)
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait(timeout=120)


def wait_for_an_answer(process: "subprocess.Popen[bytes]", proxy: CrashProxy) -> None:
    while not proxy.answers and process.poll() is None:
        time.sleep(0.002)


def every_moment(answers: int) -> list[Moment]:
    return [Moment(number, side) for number in range(1, answers) for side in ("request lost", "answer lost")]


def assert_carried_on(
    company: RunningCompany,
    undisturbed: tuple[Content, int],
    new_warehouse: Callable[[], Warehouse],
    proxy: CrashProxy,
    moments: list[Moment],
) -> None:
    expected, _ = undisturbed
    killed = 0
    for moment in moments:
        warehouse = new_warehouse()
        proxy.arm(moment)
        killed += collect(company, warehouse, proxy) == -signal.SIGKILL
        proxy.arm(None)
        assert collect(company, warehouse, proxy) == 0, moment
        assert content(warehouse) == expected, moment
    assert killed >= 0.95 * len(moments), f"only {killed} of {len(moments)} runs were killed"


def collect(company: RunningCompany, warehouse: Warehouse, proxy: CrashProxy) -> int:
    """Collect in a process of its own, through the proxy. Returns its exit code."""
    process = start(company, warehouse, proxy)
    _, said = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), said.decode()[-2000:]
    return process.returncode


def start(company: RunningCompany, warehouse: Warehouse, proxy: CrashProxy) -> "subprocess.Popen[bytes]":
    address = urlsplit(warehouse.url)
    login = f"{address.username}:{address.password}@" if address.password else f"{address.username}@"
    url = f"postgresql://{login}127.0.0.1:{proxy.port}{address.path}?sslmode=disable&gssencmode=disable"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.collect_once", url],
        env={**os.environ, "ROOSEVELT_GITHUB__API_URL": company.url, "GITHUB_TOKEN": DEFAULT_TOKEN},
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    proxy.aim(process.pid)
    return process


def content(warehouse: Warehouse) -> Content:
    """All of raw, with each pseudonym replaced by the hash that it stands for."""
    people = {
        str(row["user_id"]): row["name"]
        for row in rows(
            warehouse,
            """
            select people.user_id, min(encode(identities.identity_hmac, 'hex')) as name
            from raw.people as people
            inner join raw.people as same using (canonical_user_id)
            inner join vault.identities as identities on same.user_id = identities.user_id
            group by people.user_id
            """,
        )
    }

    def renamed(text: str) -> str:
        return SURROGATE.sub(lambda found: people[found[0]], text)

    held: Content = {}
    for stream in STREAMS:
        found = rows(warehouse, f"select natural_key, deleted, payload::text as payload from raw.{stream}")
        held[stream] = {renamed(row["natural_key"]): renamed(f"{row['deleted']} {row['payload']}") for row in found}
        replaced = rows(warehouse, f"select natural_key from raw.{stream}_versions order by version_id")
        held[f"{stream}_versions"] = {str(number): row["natural_key"] for number, row in enumerate(replaced)}
    accounts = rows(warehouse, "select user_id, account_type, is_bot, bot_reason from raw.github_accounts")
    held["github_accounts"] = {people[str(row.pop("user_id"))]: str(row) for row in accounts}
    assert held["github_pull_requests"]
    assert held["github_deployments"]
    return held
