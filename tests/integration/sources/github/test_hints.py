"""The fast lane end to end: GitHub's deliveries over HTTP, the inbox, and what following them leaves in raw."""

import contextlib
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.deliveries import Delivery, deliveries
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sources.github import hints
from roosevelt_pipeline.sources.github.errors import TokenError
from roosevelt_pipeline.sources.github.hints import Followed, follow_hints
from roosevelt_pipeline.warehouse.inbox import backlog
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, WEB, minute, oid
from tests.integration.sources.github import test_privacy
from tests.integration.sources.github.conftest import World
from tests.support.crash_proxy import CrashProxy, Moment
from tests.support.door import SECRET, Door, open_door

VICTIM = Path(__file__).with_name("victim_hints.py")
CURSORS = "select stream, scope, lane, position, watermark, complete from ingest.cursors order by 1, 2, 3"
INBOX = "select kind, attempts, outcome, reason from ingest.webhook_inbox order by id"


class Lane:
    """A world, the door before its warehouse, and GitHub's memory of what it has already told."""

    def __init__(self, world: World, door: Door) -> None:
        self.world, self.door = world, door
        self.told = world.store.copy()

    def news(self) -> list[Delivery]:
        """What GitHub has to tell since it was last asked."""
        now = self.world.sandbox.state.store
        found = list(deliveries(self.told, now))
        self.told = now.copy()
        return found

    def deliver(self, *some: Delivery) -> None:
        for one in some or self.news():
            assert one.send(self.door.address, SECRET) == 202

    def follow(self, **settings: object) -> Followed:
        world = self.world
        chosen = world.settings.model_copy(update=settings)
        return follow_hints(world.new_client(), world.warehouse, world.vault, chosen, uuid4())

    def let_time_pass(self) -> None:
        with self.world.warehouse.connect(autocommit=True) as connection:
            connection.execute("update ingest.webhook_inbox set due_at = now() where done_at is null")


@pytest.fixture
def lanes(new_world) -> Iterator:
    with contextlib.ExitStack() as stack:

        def make(store: Store | None = None, **settings: object) -> Lane:
            world = new_world(store, **settings)
            return Lane(world, stack.enter_context(open_door(world.warehouse)))

        yield make


@pytest.fixture
def lane(lanes) -> Lane:
    """The hand-made company, read once by polling."""
    made = lanes()
    made.world.sync()
    return made


def happenings(world: World) -> None:
    """One thing of each kind: a late review, a new deployment, a re-run, an incident that lost its label, ..."""
    old = handmade.pull_request(5, updated_at=minute(4000))
    late = {"id": 69_999, "state": "COMMENTED", "submitted_at": minute(4000), "author_id": handmade.BOB}
    world.put("pull_requests", old | {"reviews": [*old["reviews"], late]})
    world.put("pull_requests", handmade.pull_request(61, updated_at=minute(4001)))
    world.put("deployments", handmade.deployment(46) | {"created_at": minute(4002), "updated_at": minute(4003)})
    former = handmade.deployment(45)
    inactive = former["statuses"][-1] | {"id": 49_999, "state": "INACTIVE", "created_at": minute(4003)}
    world.put("deployments", former | {"state": "INACTIVE", "updated_at": minute(4003),
                                       "statuses": [*former["statuses"], inactive]})  # fmt: skip
    world.put("workflow_runs", handmade.workflow_run(7, attempt=2))
    world.put("issues", handmade.issue(3) | {"labels": ["question"], "updated_at": minute(4004)})
    world.put("issues", handmade.issue(32) | {"updated_at": minute(4004)})  # no incident
    world.put("issues", handmade.issue(33) | {"updated_at": minute(4005)})
    world.put("releases", handmade.release(13), repository_id=API)
    world.put("commits", handmade.commit(251), repository_id=API, position=251)
    world.put("repositories", handmade.repository(API, "api", oid(251)))
    world.put("teams", {"id": 301, "slug": "payments", "name": "Payments", "parent_slug": None,
                        "members": [{"account_id": handmade.ALICE, "role": "MAINTAINER"}]})  # fmt: skip


def test_whatever_happens_is_in_raw_without_a_poll_as_if_it_had_been_polled(lane, new_world):
    polled = new_world()
    polled.sync()
    happenings(polled)
    polled.sync()
    cursors = [row for row in lane.world.rows(CURSORS) if row[0] != "github_commits"]

    happenings(lane.world)
    lane.deliver()
    followed = lane.follow()

    assert set(followed.outcomes) - {"later", "given_up"} == {"landed"}
    assert lane.world.picture() == polled.picture()
    assert [row for row in lane.world.rows(CURSORS) if row[0] != "github_commits"] == cursors
    assert backlog_of(lane).waiting == 0


def test_a_poll_after_the_fast_lane_finds_nothing_that_it_missed(lane):
    happenings(lane.world)
    lane.deliver()
    lane.follow()

    again = lane.world.sync()

    assert {key: one.versions_added for key, one in again.items() if one.versions_added} == {}


def backlog_of(lane: Lane):
    with lane.world.warehouse.connect() as connection:
        return backlog(connection)


def test_what_happens_through_the_sandboxs_door_is_told_to_whoever_is_set_up_there(lane):
    doors = lane.world.sandbox.url + "/_sandbox"
    change = {"table": "issues", "id": 30_003, "delete": True}
    assert requests.put(f"{doors}/hook", json={"url": lane.door.address}, timeout=9).status_code == 422
    assert requests.put(f"{doors}/hook", json={"url": lane.door.address, "secret": SECRET}, timeout=9).ok

    assert requests.post(f"{doors}/changes", json=change, timeout=9).json() == {"delivered": [202]}
    assert lane.follow().outcomes == {"gone": 1}

    requests.delete(f"{doors}/hook", timeout=9)
    silent = requests.post(f"{doors}/changes", json=change | {"id": 30_005}, timeout=9)
    assert (silent.status_code, lane.follow().outcomes) == (204, {})


def test_following_again_asks_github_for_nothing(lane):
    happenings(lane.world)
    lane.deliver()
    lane.follow()

    assert lane.follow().costs.requests == 0


def test_forty_eight_pull_requests_are_two_requests_and_one_for_their_repository(lane):
    for number in range(1, 49):
        lane.world.put("pull_requests", handmade.pull_request(number, updated_at=minute(5000 + number)))
    lane.deliver()

    followed = lane.follow()

    assert (followed.costs.requests, followed.costs.points) == (3, 3)
    assert followed.landed["github_pull_requests"].versions == 48


@pytest.fixture(scope="module")
def company() -> dict[int, Store]:
    """A company that lives on for a Thursday and a Friday."""
    played = {}
    for days in (38, 40):
        played[days] = Store.open()
        play(Company.of_days(1901, date(2026, 3, 2), days), played[days])
    return played


ORGANIZATION = {"organization": "helios-labs"}


@pytest.fixture(scope="module")
def polled(company, new_warehouse) -> Iterator[str]:
    world = World(new_warehouse(), company[38], {"github": ORGANIZATION})
    world.sync()
    world.sandbox.state.store = company[40]
    world.sync()
    yield world.picture()
    world.close()


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_twice_and_in_pieces_they_end_where_polling_does(company, polled, lanes, seed):
    lane, rng = lanes(company[38], github=ORGANIZATION), random.Random(seed)
    lane.world.sync()
    lane.world.sandbox.state.store = company[40]
    news = lane.news()
    shuffled = news + rng.sample(news, len(news) // 3)
    rng.shuffle(shuffled)

    for start in range(0, len(shuffled), 1 + len(shuffled) // 3):
        lane.deliver(*shuffled[start : start + 1 + len(shuffled) // 3])
        lane.follow()

    lane.world.sync(["github_review_comments"])  # a hint names pull requests; their review comments are polled

    assert len(news) > 100
    assert lane.world.picture() == polled
    assert lane.world.rows("select count(*) from ingest.webhook_inbox") == [(len(news),)]


def test_an_incident_that_was_deleted_becomes_a_tombstone(lane):
    lane.world.store.remove("issues", 30_003)
    lane.deliver()

    followed = lane.follow()

    assert followed.outcomes["gone"] == 1
    assert "30003" not in lane.world.payloads("github_issues")
    assert lane.world.rows(
        "select deleted, payload ->> 'number' from raw.github_issues where natural_key = '30003'"
    ) == [(True, "1003")]


def test_a_release_that_was_deleted_too(lane):
    lane.world.store.remove("releases", 50_004)
    lane.deliver()
    lane.follow()

    assert "50004" not in lane.world.payloads("github_releases")
    assert len(lane.world.payloads("github_releases")) == 11


def test_what_is_said_to_be_gone_but_is_still_shown_is_asked_for_once_more_and_stays(lane):
    with_it, without = lane.world.store.copy(), lane.world.store.copy()
    without.remove("issues", 30_003)
    lane.deliver(*deliveries(with_it, without))

    assert lane.follow().outcomes == {"later": 1, "given_up": 0}
    lane.let_time_pass()
    assert lane.follow().outcomes == {"landed": 1}
    assert "30003" in lane.world.payloads("github_issues")


def test_what_is_not_shown_without_a_word_of_deletion_is_looked_for_twice(lane):
    lane.world.put("issues", handmade.issue(3) | {"updated_at": minute(4004)})
    news = lane.news()
    lane.world.store.remove("issues", 30_003)
    lane.deliver(*news)

    assert lane.follow().reasons == {"GitHub does not show it; asked again, in case it is not to be seen yet"}
    assert "30003" in lane.world.payloads("github_issues")
    lane.let_time_pass()
    assert lane.follow().outcomes == {"gone": 1}
    assert "30003" not in lane.world.payloads("github_issues")


def test_a_delivery_that_arrives_before_the_object_can_be_seen_is_no_loss(lane):
    before = lane.world.store.copy()
    lane.world.put("releases", handmade.release(13), repository_id=API)
    news = list(deliveries(before, lane.world.store))
    lane.world.store.remove("releases", 50_013)
    lane.deliver(*news)
    lane.follow()
    lane.world.put("releases", handmade.release(13), repository_id=API)
    lane.let_time_pass()

    assert lane.follow().outcomes == {"landed": 1}
    assert "50013" in lane.world.payloads("github_releases")


def test_a_repository_that_was_deleted_becomes_a_tombstone(lane):
    lane.world.store.remove("repositories", WEB)
    lane.deliver()

    assert lane.follow().outcomes == {"gone": 1}
    assert set(lane.world.payloads("github_repositories")) == {str(API)}


def test_a_repository_that_the_token_no_longer_sees_is_not_taken_for_deleted(lane):
    lane.world.put("pull_requests", handmade.pull_request(5, updated_at=minute(4000)))
    lane.deliver()
    lane.world.token.repositories = frozenset({"web"})

    assert lane.follow().outcomes == {"later": 1, "given_up": 0}
    lane.let_time_pass()
    assert lane.follow().outcomes == {"gone": 1}
    assert str(API) in lane.world.payloads("github_repositories")
    assert len(lane.world.payloads("github_pull_requests")) == 60


def test_a_renamed_repository_is_found_by_its_id(lane):
    lane.world.put("repositories", handmade.repository(API, "interface", oid(250)))
    lane.deliver()
    lane.follow()

    assert lane.world.payloads("github_repositories")[str(API)]["name"] == "interface"


def test_what_the_policy_leaves_out_is_not_followed(lanes):
    lane = lanes(github={"organization": "acme", "exclude": ["api"]})
    lane.world.put("pull_requests", handmade.pull_request(5, updated_at=minute(4000)))
    lane.deliver()

    followed = lane.follow()

    assert (followed.outcomes, followed.costs.requests) == ({"unwanted": 1}, 1)
    assert lane.world.counts()["pull_requests"] == 0


def test_history_before_the_first_day_stays_out(lanes):
    lane = lanes(github={"organization": "acme", "read_since": date(2026, 1, 6)})
    lane.world.sync()
    before = lane.world.counts()
    old = handmade.deployment(1)  # of the fifth of January
    lane.world.put("deployments", old | {"updated_at": minute(4000)})
    lane.told.remove("deployments", 40_001)
    lane.deliver()

    assert lane.follow().outcomes == {"landed": 3}  # the deployment, and two of its statuses
    assert lane.world.counts() == before


def test_a_stream_that_cannot_be_read_waits_with_its_reason_and_the_others_land(lane):
    happenings(lane.world)
    lane.deliver()
    lane.world.fail("PullRequestsById", "status", status=502, times=100)

    followed = lane.follow()

    assert followed.outcomes["later"] > 0
    waiting = lane.world.rows("select distinct kind, attempts, reason from ingest.webhook_inbox where done_at is null")
    assert [(kind, attempts) for kind, attempts, _ in waiting] == [("pull_request", 1)]
    assert "502" in waiting[0][2]
    assert "50013" in lane.world.payloads("github_releases")
    assert lane.follow().outcomes == {}  # its time has not come

    lane.world.sandbox.state.faults.clear()
    lane.let_time_pass()
    assert set(lane.follow().outcomes) == {"landed"}
    assert "20061" in lane.world.payloads("github_pull_requests")


def test_an_answer_that_is_broken_is_not_taken_for_a_deletion(lane):
    lane.world.put("issues", handmade.issue(3) | {"updated_at": minute(4004)})
    lane.deliver()
    lane.world.fail("IssuesById", "mutate", times=100, without=["id"])

    lane.follow()

    assert "30003" in lane.world.payloads("github_issues")
    assert lane.world.rows("select natural_key, reason from raw.rejected_records") == [("30003", "missing: id")]


def test_what_a_token_may_no_longer_read_is_not_taken_for_deleted_and_the_permission_is_named(lane):
    happenings(lane.world)
    lane.deliver()
    before = len(lane.world.payloads("github_deployments"))
    lane.world.token.permissions -= {"deployments"}

    for _ in range(3):
        (reason,) = lane.follow().reasons
        assert "'Deployments': read-only" in reason
        lane.let_time_pass()

    assert len(lane.world.payloads("github_deployments")) == before


def test_what_fails_too_often_is_given_up_where_it_can_be_seen(lane):
    lane.world.put("pull_requests", handmade.pull_request(5, updated_at=minute(4000)))
    lane.deliver()
    lane.world.fail("PullRequestsById", "status", status=502, times=100)
    webhooks = lane.world.settings.webhooks.model_copy(update={"attempts": 2})

    assert lane.follow(webhooks=webhooks).outcomes == {"later": 1, "given_up": 0}
    lane.let_time_pass()
    assert lane.follow(webhooks=webhooks).outcomes == {"later": 0, "given_up": 1}

    assert (backlog_of(lane).waiting, backlog_of(lane).given_up) == (0, 1)
    lane.world.sandbox.state.faults.clear()
    lane.world.sync()  # polling does not depend on it
    assert lane.world.payloads("github_pull_requests")["20005"]["updated_at"] == minute(4000)


def test_a_token_that_is_no_longer_valid_stops_the_lane_and_costs_no_hint_an_attempt(lane):
    happenings(lane.world)
    lane.deliver()
    lane.world.token.expired = True

    with pytest.raises(TokenError):
        lane.follow()

    assert backlog_of(lane).due == 0
    assert set(lane.world.rows("select attempts, outcome from ingest.webhook_inbox")) == {(0, None)}


def test_stopped_between_landing_and_settling_neither_has_happened(lane, monkeypatch):
    happenings(lane.world)
    lane.deliver()
    before = lane.world.picture()

    class Stop(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stop

    monkeypatch.setattr(hints, "settle", stop)
    with pytest.raises(Stop):
        lane.follow()

    assert lane.world.picture() == before
    monkeypatch.undo()
    lane.follow()
    assert "20061" in lane.world.payloads("github_pull_requests")


@pytest.mark.parametrize(("number", "side"), [(14, "request lost"), (22, "answer lost"), (31, "request lost")])
def test_killed_between_two_statements_and_started_again_it_ends_where_polling_does(lane, new_world, number, side):
    polled = new_world()
    polled.sync()
    happenings(polled)
    polled.sync()
    happenings(lane.world)
    lane.deliver()
    world = lane.world
    parts = conninfo_to_dict(world.warehouse.url)
    proxy = CrashProxy(str(parts["host"]), int(parts["port"]))
    url = make_conninfo(world.warehouse.url, host="127.0.0.1", port=proxy.port, sslmode="disable", gssencmode="disable")
    proxy.arm(Moment(number, side))
    with subprocess.Popen([sys.executable, VICTIM, url, world.sandbox.url], start_new_session=True) as victim:
        proxy.aim(victim.pid)
        assert victim.wait(timeout=60) == -9
    proxy.close()
    assert backlog_of(lane).waiting > 0

    lane.follow()

    assert backlog_of(lane).waiting == 0
    assert world.picture() == polled.picture()


def test_a_backup_of_the_whole_database_names_nobody_of_the_deliveries(lane, server):
    test_privacy.haunted(lane.world)
    news = lane.news()
    assert any(canary.lower() in one.body.decode().lower() for one in news for canary in test_privacy.CANARIES)
    lane.deliver(*news)
    lane.follow()

    text = test_privacy.dump(lane.world, server)

    assert "INSERT INTO ingest.webhook_inbox" in text
    assert [canary for canary in test_privacy.CANARIES if canary.lower() in text.lower()] == []
