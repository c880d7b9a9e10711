"""Weeks of SPACE as a data engineer makes them: in the browser, by what its buttons ask of a webserver and a daemon."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.supervisor import free_port
from roosevelt_pipeline.warehouse.connections import Role
from tests.support.words import Unspeakable

pytestmark = pytest.mark.soak
WEEKS = ["2026-03-09", "2026-03-16", "2026-03-23"]
DECIDED, CALENDARS = ["published", "space_weeks"], ["raw", "calendar_collections"]
WHERE = {"repositoryLocationName": "roosevelt", "repositoryName": "__repository__"}

LAUNCH = """mutation($one: ExecutionParams!) { launchPipelineExecution(executionParams: $one) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
BACKFILL = """mutation($some: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $some) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
RUNS = """query { runsOrError(limit: 100) { ... on Runs { results {
    runId status jobName tags { key value } assetSelection { path } runConfigYaml } } } }"""
BACKFILLS = "query { partitionBackfillsOrError { ... on PartitionBackfills { results { id status } } } }"
LOGS = """query($run: ID!, $after: String) { logsForRun(runId: $run, afterCursor: $after) { ... on EventConnection {
    cursor hasMore events { __typename
        ... on MessageEvent { message eventType stepKey }
        ... on ExecutionStepFailureEvent { error { message stack } }
        ... on MaterializationEvent { metadataEntries { label description __typename
            ... on TextMetadataEntry { text } ... on MarkdownMetadataEntry { mdStr }
            ... on JsonMetadataEntry { jsonString } ... on PathMetadataEntry { path } } } } } } }"""
ASSETS = """query { assetNodes { assetKey { path } description metadataEntries { label description }
    partitionKeysByDimension { partitionKeys }
    assetChecksOrError { ... on AssetChecks { checks { name description executionForLatestMaterialization {
        evaluation { metadataEntries { label description ... on TextMetadataEntry { text }
            ... on JsonMetadataEntry { jsonString } } } } } } } } }"""


class Browser:
    """What the pages of Dagster's UI ask, and all that they were answered."""

    def __init__(self, address: str) -> None:
        self.address, self.answers = address, list[str]()

    def ask(self, query: str, **variables: Any) -> Any:
        answer = requests.post(f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=60)
        self.answers.append(answer.text)
        body = answer.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def page(self, path: str) -> int:
        answer = requests.get(f"{self.address}{path}", timeout=60)
        self.answers.append(answer.text)
        return answer.status_code

    def materialize(self, week: str, *assets: list[str]) -> str:
        """Select assets and a partition, press Materialize, and wait. Returns how the run ended."""
        launched = self.ask(
            LAUNCH,
            one={
                "selector": WHERE | {
                    "pipelineName": "__ASSET_JOB", "assetSelection": [{"path": one} for one in assets],
                    "assetCheckSelection": [],
                },
                "mode": "default",
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": week}]},
            },
        )["launchPipelineExecution"]  # fmt: skip
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return self.ended(launched["run"]["runId"])

    def ended(self, run_id: str) -> str:
        for _ in range(240):
            runs = {one["runId"]: one["status"] for one in self.ask(RUNS)["runsOrError"]["results"]}
            if runs.get(run_id) in ("SUCCESS", "FAILURE", "CANCELED"):
                return str(runs[run_id])
            time.sleep(0.5)
        raise AssertionError(f"{run_id} did not end: {runs}")

    def backfill(self, weeks: list[str], *assets: list[str]) -> str:
        """Select a range of partitions, press Launch backfill, and wait. Returns how it ended."""
        some = {"assetSelection": [{"path": one} for one in assets], "partitionNames": weeks}
        launched = self.ask(BACKFILL, some=some)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        for _ in range(240):
            found = {one["id"]: one["status"] for one in self.ask(BACKFILLS)["partitionBackfillsOrError"]["results"]}
            status = found[launched["backfillId"]]
            if status not in ("REQUESTED", "CANCELING", "FAILING"):
                return str(status)
            time.sleep(0.5)
        raise AssertionError(f"the backfill did not end: {found}")


@pytest.fixture(scope="module")
def browser(built_without, lived_in) -> Iterator[Browser]:
    port, programs = free_port(3900), Path(sys.executable).parent
    environment = {**os.environ, "DAGSTER_HOME": str(PROJECT_ROOT)}
    web = [programs / "dagster-webserver", "-h", "127.0.0.1", "-p", str(port)]
    with (lived_in.home / "ui.log").open("wb") as log:
        started = [
            subprocess.Popen([*map(str, one), "-w", "workspace.yaml"], env=environment, cwd=PROJECT_ROOT, stdout=log,
                             stderr=log)
            for one in (web, [programs / "dagster-daemon", "run"])
        ]  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            assert _answers(address), (lived_in.home / "ui.log").read_text()[-3000:]
            yield Browser(address)
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def _answers(address: str) -> bool:
    for _ in range(240):
        try:
            return requests.get(f"{address}/server_info", timeout=5).ok
        except requests.ConnectionError:
            time.sleep(0.25)
    return False


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
