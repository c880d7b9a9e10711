"""Jobs of workflow runs that deploy, every execution: 100 runs in one request.

A job is a check run of its run's check suite, under the same number, so GraphQL shows the jobs of
many runs at once; it does not say which attempt of the run each belongs to. A token that may not
read checks, as fine-grained ones, is answered by REST instead: a request for each run.

Runs land first. Whatever landed of them since the last time, new, ended or started again, has
its jobs read; so has a run that left a job unfinished. If nothing did, no request is made.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.settings import DeploymentRule, Settings
from roosevelt_pipeline.sources.github.errors import NotFoundError, PermissionMissingError, UnavailableError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    database_id,
    integer,
    optional_inner,
    optional_instant,
    optional_text,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.overflow import drain_one
from roosevelt_pipeline.sources.github.paging import nodes_by_id, page_of
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.deploying import RunHead, changed_runs, runs_with_unfinished_jobs
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record, Reject

RUNS_PER_REQUEST = 100
JOBS_PER_RUN = 50
JOBS_PER_REST_PAGE = 100
ROWS_AT_ONCE = 5_000
FINISHES_WITHIN = timedelta(days=32)


def is_wanted(settings: Settings, repository: Repository) -> bool:
    """Whether the repository deploys by jobs."""
    rule = settings.deployment_rule(repository.name)
    return rule is not None and "workflow_job" in rule.sources


def collect(session: Session) -> None:
    """Jobs of the runs that moved since the last time."""
    assert session.repository is not None
    rule = session.settings.deployment_rule(session.repository.name)
    assert rule is not None
    policy = session.policy(workflows=sorted(rule.workflows), jobs=sorted(rule.jobs))
    cursor = session.cursor("incremental")
    if cursor.position.get("policy") != policy:
        cursor = Cursor("incremental", {"policy": policy, "version": 0})
    reader = _Reader(session, session.repository, rule)
    for runs, version in _batches(session, rule, cursor.position["version"]):
        cursor = replace(cursor, position={"policy": policy, "version": version}, complete=True)
        if runs:
            reader.read(runs, cursor)
        else:
            session.save(cursor)
    since = session.repository.observed_at - FINISHES_WITHIN
    unfinished = [
        run
        for run in runs_with_unfinished_jobs(session.connection, session.scope, since)
        if run.run_id not in reader.asked and _deploys(run, rule)
    ]
    for start in range(0, len(unfinished), RUNS_PER_REQUEST):
        reader.read(unfinished[start : start + RUNS_PER_REQUEST], replace(cursor, lane="refresh"))


def read_job(node: Node, *, repository_id: int, run_id: int) -> Record:
    """A job's execution, as a check run shows it: which attempt of the run it belongs to is not told."""
    deployment = optional_inner(node, "deployment")
    job_id = database_id(node)
    payload = {
        "job_id": job_id,
        "repository_id": repository_id,
        "run_id": run_id,
        "run_attempt": None,
        "name": text(node, "name"),
        "status": text(node, "status").lower(),
        "conclusion": _lower(optional_text(node, "conclusion")),
        "started_at": optional_instant(node, "startedAt"),
        "completed_at": optional_instant(node, "completedAt"),
        "deployment_id": database_id(deployment) if deployment else None,
        "is_deployment_told": True,
    }
    return Record(str(job_id), payload)


def read_rest_job(node: Node, *, repository_id: int) -> Record:
    """A job's execution, as REST shows it: which deployment it made is not told."""
    job_id = integer(node, "id")
    payload = {
        "job_id": job_id,
        "repository_id": repository_id,
        "run_id": integer(node, "run_id"),
        "run_attempt": integer(node, "run_attempt"),
        "name": text(node, "name"),
        "status": text(node, "status"),
        "conclusion": optional_text(node, "conclusion"),
        "started_at": optional_instant(node, "started_at"),
        "completed_at": optional_instant(node, "completed_at"),
        "deployment_id": None,
        "is_deployment_told": False,
    }
    return Record(str(job_id), payload)


@dataclass
class _Page:
    """What the jobs of some runs come to."""

    observed_at: datetime
    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class _Reader:
    """Lands the jobs of runs, by GraphQL as long as the token may."""

    def __init__(self, session: Session, repository: Repository, rule: DeploymentRule) -> None:
        self._session, self._repository, self._rule = session, repository, rule
        self._may_read_checks = True
        self.asked: set[int] = set()

    def read(self, runs: Sequence[RunHead], cursor: Cursor) -> None:
        """Land the jobs of up to 100 runs, and the cursor with them."""
        self.asked.update(run.run_id for run in runs)
        page = _Page(self._repository.observed_at)
        by_suite = {run.check_suite: run.run_id for run in runs if run.check_suite}
        if by_suite and self._may_read_checks:
            try:
                self._read_suites(page, by_suite)
            except PermissionMissingError:
                self._may_read_checks = False
        for run in runs:
            if not (run.check_suite and self._may_read_checks):
                self._read_run(page, run.run_id)
        self._session.land(page.records, page.rejects, page.observed_at, cursor, lane=cursor.lane)

    def _read_suites(self, page: _Page, run_of: dict[str, int]) -> None:
        client, subject = self._session.client, self._session.subject
        asked: dict[str, Any] = {"ids": list(run_of), "page": JOBS_PER_RUN}
        answer = client.graphql("workflow_jobs", asked, subject=subject, tolerated=frozenset({"NOT_FOUND"}))
        page.observed_at = answer.observed_at
        for suite in nodes_by_id(answer.data, asked["ids"], subject):
            if suite.get("id") in run_of:
                jobs = self._check_runs(suite)
                self._sort(page, jobs, partial(read_job, run_id=run_of[suite["id"]]))

    def _check_runs(self, suite: Node) -> list[Node]:
        client, subject = self._session.client, self._session.subject
        try:
            drain_one(client, "workflow_jobs_rest", suite, "checkRuns", subject)
        except UnfitError as reason:
            raise UnavailableError(f"{subject}: a list of jobs cannot be read ({reason}); run again") from None
        return page_of(suite.get("checkRuns"), subject).rows

    def _read_run(self, page: _Page, run_id: int) -> None:
        path = f"/repos/{self._repository.name_with_owner}/actions/runs/{run_id}/jobs"
        asked = {"filter": "all", "per_page": JOBS_PER_REST_PAGE}
        try:
            for answer in self._session.client.rest_pages(path, asked, subject=self._session.subject):
                page.observed_at = answer.observed_at
                if not isinstance(answer.document, dict) or not isinstance(answer.document.get("jobs"), list):
                    raise UnavailableError(f"{self._session.subject}: a page of jobs holds no list; run again")
                self._sort(page, answer.document["jobs"], read_rest_job)
        except NotFoundError:
            return

    def _sort(self, page: _Page, nodes: Sequence[Node], read: Callable[..., Record]) -> None:
        wanted = [one for one in nodes if isinstance(one, dict) and matches_any(str(one.get("name")), self._rule.jobs)]
        records, rejects = sort_out(wanted, partial(read, repository_id=self._repository.repository_id))
        page.records += records
        page.rejects += rejects


def _batches(session: Session, rule: DeploymentRule, version: int) -> Iterator[tuple[list[RunHead], int]]:
    """Deploying runs that landed after a version, up to 100 at a time, with the version that they reach to."""
    while rows := changed_runs(session.connection, session.scope, version, ROWS_AT_ONCE):
        batch: dict[int, RunHead] = {}
        for run in rows:
            if _deploys(run, rule):
                batch[run.run_id] = run
            version = run.version
            if len(batch) == RUNS_PER_REQUEST:
                yield list(batch.values()), version
                batch = {}
        yield list(batch.values()), version


def _deploys(run: RunHead, rule: DeploymentRule) -> bool:
    named = (run.workflow_name, run.workflow_path)
    return not rule.workflows or any(matches_any(name, rule.workflows) for name in named if name)


def _lower(value: str | None) -> str | None:
    return value and value.lower()
