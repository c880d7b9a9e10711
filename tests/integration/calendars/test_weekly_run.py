"""Calendars through Dagster, as a data engineer would: the weekly run, single weeks anew, runs again."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from roosevelt_pipeline.people import change_participation, follow_people
from roosevelt_pipeline.runs import open_instance
from roosevelt_pipeline.sandbox.calendars.book import Book
from roosevelt_pipeline.sandbox.calendars.desk import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Desk, served
from roosevelt_pipeline.settings import load_settings
from tests.integration.calendars.conftest import ADA, BOB, DAY, timed
from tests.support.dagster_pages import LOGS, RUNS, pages
from tests.support.pipeline import rows

TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
THIS_MONDAY = (TODAY - timedelta(days=TODAY.weekday())).date()
WEEKS = [THIS_MONDAY - timedelta(weeks=2), THIS_MONDAY - timedelta(weeks=1)]
CAROL = "carol@acme.example"
EVENTS, COLLECTIONS = dg.AssetKey(["raw", "calendar_events"]), dg.AssetKey(["raw", "calendar_collections"])


class Office:
    def __init__(self, warehouse, desk):
        self.warehouse, self.desk, self.book = warehouse, desk, desk.calendars

    def run(self, *weeks: date):
        """Everything new, or these weeks anew, by the definitions that Dagster loads."""
        from roosevelt_pipeline.definitions import defs

        selection = {COLLECTIONS} if weeks else {EVENTS, COLLECTIONS}
        job = defs().resolve_implicit_global_asset_job_def().get_subset(asset_selection=selection)
        bounds = {"start": weeks[0], "end": weeks[-1]} if weeks else {}
        tags = {f"dagster/asset_partition_range_{name}": str(week) for name, week in bounds.items()}
        with open_instance() as instance:
            return job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)

    def weeks(self):
        with open_instance() as instance:
            return instance.get_materialized_partitions(COLLECTIONS)

    def events(self):
        return rows(
            self.warehouse,
            "select natural_key, payload, deleted, version_id from raw.calendar_events order by natural_key",
        )


@pytest.fixture
def office(new_warehouse, tmp_path, monkeypatch):
    warehouse, desk = new_warehouse(), Desk(Book(TODAY, {ADA: {}, BOB: {}, CAROL: {}}))
    since = (TODAY - 40 * DAY).date()
    (tmp_path / "people.csv").write_text(
        "emails,calendar,time_zone,opted_in\n"
        f"{ADA},{ADA},Europe/Amsterdam,{since}\n{BOB},{BOB},America/New_York,{since}\n{CAROL},{CAROL},UTC,\n"
    )
    (tmp_path / "roosevelt.toml").write_text('[github]\norganization = "acme"\n[people]\n'
                                             f'directory = "{tmp_path / "people.csv"}"\n')  # fmt: skip
    with served(desk) as url:
        for name, value in {
            "ROOSEVELT_HOME": str(tmp_path), "ROOSEVELT_CONFIG": str(tmp_path / "roosevelt.toml"),
            "DATABASE_URL": warehouse.url, "ROOSEVELT_CALENDARS__GOOGLE_API_URL": url,
            "ROOSEVELT_CALENDARS__GOOGLE_TOKEN_URL": f"{url}/calendar/token", "GOOGLE_CALENDAR_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CALENDAR_CLIENT_SECRET": CLIENT_SECRET, "GOOGLE_CALENDAR_REFRESH_TOKEN": REFRESH_TOKEN,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        follow_people(load_settings(), warehouse)
        for calendar in (ADA, BOB, CAROL):
            for day in range(28):
                desk.calendars.put(calendar, f"{calendar[:3]}{day}", **timed(TODAY - day * DAY))
        yield Office(warehouse, desk)


def test_two_weeks_are_read_backfilled_and_read_again_and_nothing_doubles(office):
    assert office.run(WEEKS[0]).success
    assert office.weeks() == {str(WEEKS[0])}
    assert office.run(*WEEKS).success
    assert office.weeks() == {str(week) for week in WEEKS}
    first = office.events()

    assert office.run(*WEEKS).success
    assert office.events() == first
    assert rows(office.warehouse, "select 1 from raw.calendar_events_versions") == []
    assert 2 * 14 - 2 <= len(first) <= 2 * 14 + 2  # a meeting a day; the weeks of two zones begin at other hours

    assert office.run().success
    kept = {row["natural_key"]: row for row in office.events()}
    assert all(kept[row["natural_key"]] == row for row in first)
    assert len(kept) == 2 * 28


@pytest.mark.soak
def test_two_weeks_are_made_in_the_browser_in_a_range_and_again_and_nothing_doubles(office, tmp_path):
    """By what the buttons of Dagster's pages ask for: Materialize one partition, Launch backfill, both once more."""
    asset = ["raw", "calendar_collections"]
    first_week, second_week = map(str, WEEKS)
    with pages(tmp_path / "ui.log") as browser:
        assert browser.materialize(first_week, asset) == "SUCCESS"
        first = office.events()
        assert 2 * 7 - 2 <= len(first) <= 2 * 7 + 2  # a meeting a day of each of the two who take part
        assert browser.backfill([first_week, second_week], asset) == "COMPLETED_SUCCESS"
        both = office.events()
        assert 2 * 14 - 2 <= len(both) <= 2 * 14 + 2
        assert all(row in both for row in first)

        assert browser.backfill([first_week, second_week], asset) == "COMPLETED_SUCCESS"
        assert browser.materialize(second_week, asset) == "SUCCESS"
        assert office.events() == both
        assert rows(office.warehouse, "select 1 from raw.calendar_events_versions") == []
        assert office.weeks() == {first_week, second_week}

        assert browser.materialize(str(THIS_MONDAY - timedelta(weeks=8)), asset) == "FAILURE"
        (run, *_) = browser.ask(RUNS)["runsOrError"]["results"]
        assert "did not take part in that week" in str(browser.ask(LOGS, run=run["runId"], after=None))
        assert not [one for one in (ADA, BOB, CAROL) if one in "".join(browser.answers)]


def test_who_did_not_agree_is_not_even_asked_for_and_who_opts_out_leaves_nothing(office):
    office.run()
    assert not [asked for asked in office.desk.requests if "carol" in asked]

    change_participation(load_settings(), office.warehouse, ADA, takes_part=False)

    left = "select scope from raw.{} where stream = 'calendar_events' group by 1"
    for query in ("select scope from raw.calendar_events group by 1", left.format("ingest_cursors"),
                  "select user_id from raw.calendar_collections group by 1"):  # fmt: skip
        assert len(rows(office.warehouse, query)) == 1, query
    office.desk.requests.clear()
    office.run()
    assert {asked.split("/")[4].replace("%40", "@") for asked in office.desk.requests} == {BOB}


def test_one_calendar_that_is_not_shared_is_named_and_does_not_fail_the_run_but_all_of_them_do(office):
    office.desk.unshared.add(ADA)
    run = office.run()
    checks = {one.check_name: one for one in run.get_asset_check_evaluations()}

    assert run.success
    assert not checks["every_calendar_was_read"].passed
    (line,) = checks["every_calendar_was_read"].metadata["failed"].value
    assert ("share it" in line, ADA in line) == (True, False)

    office.desk.unshared.add(BOB)
    assert not office.run().success
