"""Weeks of SPACE as a data engineer makes them: in the browser, by what its buttons ask of a webserver and a daemon."""

from collections.abc import Iterator
from typing import Any

import pytest

from roosevelt_pipeline.warehouse.connections import Role
from tests.support.dagster_pages import ASSETS, LOGS, RUNS, Browser, pages
from tests.support.words import Unspeakable

pytestmark = pytest.mark.soak
WEEKS = ["2026-03-09", "2026-03-16", "2026-03-23"]
DECIDED, CALENDARS = ["published", "space_weeks"], ["raw", "calendar_collections"]


@pytest.fixture(scope="module")
def browser(built_without, lived_in) -> Iterator[Browser]:
    with pages(lived_in.home / "ui.log") as opened:
        yield opened


def decided(house: Any) -> list[Any]:
    query = """select figure, scope_type, scope, period_start, value, n, status from published.space_figures
               where period_start = any (%s::date[]) order by 1, 2, 3, 4"""
    with house.warehouse.connect(Role.OWNER) as connection:
        return connection.execute(query, [WEEKS]).fetchall()


def test_weeks_are_made_one_by_one_and_in_a_range_and_again_and_nothing_doubles(browser, lived_in):
    before = [row[:4] for row in decided(lived_in)]
    assert before
    with lived_in.warehouse.connect(Role.OWNER) as connection:
        for table in ("space_figures", "space_members"):
            connection.execute(f"delete from published.{table} where period_start = any (%s::date[])", [WEEKS])

    assert browser.materialize(WEEKS[0], DECIDED) == "SUCCESS"
    first = decided(lived_in)
    assert [row[:4] for row in first] == [row for row in before if str(row[3]) == WEEKS[0]]
    assert browser.backfill(WEEKS, DECIDED) == "COMPLETED_SUCCESS"
    all_weeks = decided(lived_in)
    assert [row[:4] for row in all_weeks] == before
    assert [row for row in all_weeks if str(row[3]) == WEEKS[0]] == first
    assert browser.backfill(WEEKS, DECIDED) == "COMPLETED_SUCCESS"
    assert browser.materialize(WEEKS[1], DECIDED) == "SUCCESS"
    assert decided(lived_in) == all_weeks


def test_weeks_of_calendars_are_read_anew_together_with_what_was_decided(browser, lived_in):
    """Weeks that are too long ago to be kept have nothing to read, which is told of each calendar and fails the run."""
    assert browser.materialize(WEEKS[0], CALENDARS) == "FAILURE"
    (run, *_) = browser.ask(RUNS)["runsOrError"]["results"]
    told = browser.ask(LOGS, run=run["runId"], after=None)
    assert "too long ago to be kept" in str(told)


def test_what_the_pages_show_names_nobody(browser, lived_in):
    """Every run with all its events, every asset with its metadata and checks, and the pages themselves."""
    unspeakable = Unspeakable(lived_in.github.sandbox.store)
    runs = browser.ask(RUNS)["runsOrError"]["results"]
    for run in runs:
        after = None
        while True:
            page = browser.ask(LOGS, run=run["runId"], after=after)["logsForRun"]
            after = page["cursor"]
            if not page["hasMore"]:
                break
    browser.ask(ASSETS)
    for path in ("/", "/runs", f"/runs/{runs[0]['runId']}", "/assets/published/space_weeks", "/locations"):
        assert browser.page(path) == 200

    assert len(runs) > 5
    assert unspeakable.found_in("\n".join(browser.answers)) == set()
    assert "space_candidates" in "\n".join(browser.answers)
