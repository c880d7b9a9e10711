"""Dagster's pages as a browser sees them: what their buttons ask of a webserver and a daemon, and every answer."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.supervisor import free_port

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


@contextmanager
def pages(log_file: Path) -> Iterator[Browser]:
    """A webserver and a daemon for the block, with this process' environment."""
    port, programs = free_port(3900), Path(sys.executable).parent
    environment = {**os.environ, "DAGSTER_HOME": str(PROJECT_ROOT)}
    web = [programs / "dagster-webserver", "-h", "127.0.0.1", "-p", str(port)]
    with log_file.open("wb") as log:
        started = [
            subprocess.Popen([*map(str, one), "-w", "workspace.yaml"], env=environment, cwd=PROJECT_ROOT, stdout=log,
                             stderr=log)
            for one in (web, [programs / "dagster-daemon", "run"])
        ]  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            assert _answers(address), log_file.read_text()[-3000:]
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
