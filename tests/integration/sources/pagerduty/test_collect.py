"""PagerDuty to raw, by the official client over real HTTP."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.sandbox.pagerduty import TOKEN, PagerDuty, served
from roosevelt_pipeline.settings import PagerDutySettings
from roosevelt_pipeline.sources.pagerduty import collect
from roosevelt_pipeline.sources.pagerduty.client import PagerDutyClient
from roosevelt_pipeline.sources.pagerduty.collect import Session, collect_incidents
from roosevelt_pipeline.sources.pagerduty.errors import PagerDutyError
from roosevelt_pipeline.warehouse.connections import Role

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class World:
    """An account, and a warehouse to read it into."""

    def __init__(self, warehouse, account, url):
        self.warehouse, self.account, self.url = warehouse, account, url
        self.settings = PagerDutySettings(read_since=(NOW - 400 * DAY).date())

    def read(self, token=TOKEN):
        """Read what is new. Returns how many requests that took."""
        self.account.requests.clear()
        client = PagerDutyClient(SecretStr(token), self.url, pause=0.001)
        with self.warehouse.connect(Role.INGEST, autocommit=True) as connection:
            self.landed = collect_incidents(Session(client, connection, self.settings, uuid4()))
        client.close()
        return len(self.account.requests)

    def rows(self, query):
        with self.warehouse.connect(Role.TRANSFORM) as connection:
            return connection.execute(query).fetchall()

    def payloads(self):
        return dict(self.rows("select natural_key, payload from raw.pagerduty_incidents where not deleted"))


@pytest.fixture
def world(fresh_warehouse):
    account = PagerDuty(NOW)
    with served(account) as url:
        yield World(fresh_warehouse, account, url)


def test_an_incident_lands_with_its_steps_and_without_anybodys_name(world):
    began = NOW - 3 * DAY
    world.account.trigger("P1", began, priority={"id": "PP", "summary": "P1"})
    world.account.step("P1", "acknowledge", began + HOUR)
    world.account.step("P1", "annotate", began + 2 * HOUR)
    world.account.step("P1", "resolve", began + 3 * HOUR)

    world.read()

    def at(hours):
        return (began + hours * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert world.payloads() == {
        "P1": {
            "incident_id": "P1", "number": 1, "title": "Incident P1", "status": "resolved", "urgency": "high",
            "priority": "P1", "service_id": "PWEB001", "service_name": "Shop", "created_at": at(0),
            "updated_at": at(3), "resolved_at": at(3), "merged_into": None,
            "url": "https://acme.pagerduty.test/incidents/P1",
            "events": [{"type": "trigger", "at": at(0)}, {"type": "acknowledge", "at": at(1)},
                       {"type": "resolve", "at": at(3)}],
        }
    }  # fmt: skip
    everything = world.rows(
        "select payload::text from raw.pagerduty_incidents union all select record::text from raw.rejected_records"
    )
    assert not any(name in str(everything) for name in ("Ada", "Lovelace", "PADA001", "burns"))


def test_history_is_read_in_windows_that_pagerduty_allows_and_page_by_page(world):
    for number in range(130):
        world.account.trigger(f"P{number}", NOW - 390 * DAY + number * 3 * DAY)

    world.read()

    assert len(world.payloads()) == 130
    listings = [path for path in world.account.requests if path.startswith("/incidents?")]
    assert len(listings) == 3  # 400 days in windows of 180


def test_what_was_read_costs_one_request_again(world):
    world.account.trigger("P1", NOW - 30 * DAY)
    world.account.step("P1", "resolve", NOW - 29 * DAY)
    world.read()

    assert world.read() == 1
    assert (world.landed.seen, world.landed.versions) == (0, 0)


def test_more_than_a_page_can_be_offset_by_is_read_by_beginning_anew(world, monkeypatch):
    monkeypatch.setattr(collect, "DEEPEST", 300)
    for number in range(650):
        world.account.trigger(f"P{number:03}", NOW - 10 * DAY + timedelta(minutes=number // 3))
    world.account.log_entries = {key: [] for key in world.account.incidents}
    monkeypatch.setattr(collect, "unsettled_incidents", lambda *_: [])

    world.read()

    assert len(world.payloads()) == 650
    assert not [path for path in world.account.requests if "offset=300" in path and path.startswith("/incidents?")]


def test_an_open_incident_is_asked_for_by_id_until_it_is_settled_however_old_it_is(world):
    world.account.trigger("P1", NOW - 60 * DAY)
    world.read()

    world.account.step("P1", "acknowledge", NOW - 2 * HOUR)
    world.account.step("P1", "resolve", NOW - HOUR)
    world.read()
    assert world.payloads()["P1"]["status"] == "resolved"
    assert [event["type"] for event in world.payloads()["P1"]["events"]] == ["trigger", "acknowledge", "resolve"]

    world.account.step("P1", "reopen", NOW)
    world.read()
    assert world.payloads()["P1"]["status"] == "triggered"
    assert world.payloads()["P1"]["resolved_at"] is None
    assert world.rows("select count(*) from raw.pagerduty_incidents_versions") == [(2,)]


def test_a_merged_incident_says_into_which(world):
    world.account.trigger("P1", NOW - 2 * DAY)
    world.account.trigger("P2", NOW - 2 * DAY)
    world.account.merge("P2", "P1", NOW - DAY)

    world.read()

    assert {key: one["merged_into"] for key, one in world.payloads().items()} == {"P1": None, "P2": "P1"}


def test_an_incident_that_is_gone_gets_a_tombstone(world):
    world.account.trigger("P1", NOW - 2 * DAY)
    world.read()
    world.account.delete("P1")

    world.read()

    assert world.payloads() == {}
    assert world.rows("select payload ->> 'title' from raw.pagerduty_incidents where deleted") == [("Incident P1",)]


def test_reading_goes_on_where_it_was_broken_off(world):
    for number in range(250):
        world.account.trigger(f"P{number:03}", NOW - 100 * DAY + number * HOUR)
        world.account.step(f"P{number:03}", "resolve", NOW - 50 * DAY)
    world.settings = PagerDutySettings(read_since=(NOW - 120 * DAY).date())
    # The first page and its log entries, then nothing but trouble.
    original, asked = PagerDutyClient.get, []

    def breaking(self, path, **parameters):
        asked.append(path)
        if len(asked) > 150:
            raise PagerDutyError("broken off")
        return original(self, path, **parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagerDutyClient, "get", breaking)
        with pytest.raises(PagerDutyError, match="broken off"):
            world.read()
    assert len(world.payloads()) == 100

    assert world.read() == 2 + 150  # two pages that were missing, and the log entries of what is on them
    assert len(world.payloads()) == 250


def test_an_earlier_beginning_reads_history_again(world):
    world.account.trigger("P1", NOW - 30 * DAY)
    world.account.step("P1", "resolve", NOW - 29 * DAY)
    world.settings = PagerDutySettings(read_since=(NOW - 10 * DAY).date())
    world.read()
    assert world.payloads() == {}

    world.settings = PagerDutySettings(read_since=date(2020, 1, 1))
    world.read()

    assert list(world.payloads()) == ["P1"]


def test_a_limit_that_passes_is_waited_for_and_one_that_stays_ends_the_run_with_a_reason(world):
    world.account.trigger("P1", NOW - DAY)
    world.account.refusals = [429, 429, 503]
    world.read()
    assert list(world.payloads()) == ["P1"]

    world.account.refusals = [429] * 50
    with pytest.raises(PagerDutyError, match="answered 429 to /incidents: it still asks to wait after six pauses"):
        world.read()
    assert len(world.account.requests) == 7


def test_a_wrong_token_is_named_and_never_shown(world):
    with pytest.raises(PagerDutyError, match="PAGERDUTY_TOKEN") as caught:
        world.read(token="canary-4711")

    assert "4711" not in str(caught.value)


def test_an_odd_incident_is_kept_aside_and_the_others_land(world):
    world.account.trigger("P1", NOW - DAY)
    world.account.trigger("P2", NOW - DAY, status=None)
    world.account.trigger("P3", NOW - DAY, updated_at="yesterday")
    world.account.trigger("P4", NOW - DAY, created_at=(NOW - DAY).isoformat(), service=None, html_url=None)

    world.read()

    assert set(world.payloads()) == {"P1", "P4"}
    assert world.rows("select source, natural_key, reason from raw.rejected_records order by 2") == [
        ("pagerduty", "P2", "unreadable: no status"),
        ("pagerduty", "P3", "unreadable: updated_at is no time"),
    ]
