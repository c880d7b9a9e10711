"""Runs of workflows: by REST, because GraphQL tells neither the attempt nor when it started.

A filtered list ends silently at 1,000 runs, so it is asked for again from the oldest one met:
no page is spent on finding out where to cut. A run may be started again up to a month after
it was created, which no list shows; the refresh lane asks for the last month's by id, a
hundred at a time, and reads those that moved.

Attempts before the newest cost a request each. They are read where they can be deployments:
for the workflows that a rule of the repository names (see ``Settings.deployment_rule``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.errors import NotFoundError, PermissionMissingError, UnavailableError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    instant,
    integer,
    optional_inner,
    optional_instant,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.paging import nodes_by_id
from roosevelt_pipeline.sources.github.refresh import Page, Refreshed, refresh
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.run_lists import CAP, PAGE, RunList, created_of
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.sources.github.workflows import list_workflows, probe_workflows
from roosevelt_pipeline.warehouse.heads import Candidate, completed_attempts, recent_runs, runs_that_lack_attempts
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

MOST_ATTEMPTS = 1_000  # GitHub allows fifty; each before the newest may cost a request
RETRIES = 3
RERUNS_WITHIN = timedelta(days=32)
RECENT = timedelta(days=1)
HISTORY_BEGINS = "2019-01-01T00:00:00Z"  # no workflow ran before


def collect(session: Session) -> None:
    """All of history the first time; then new runs, unfinished ones, and the last month for re-runs."""
    backfill = session.cursor("backfill")
    policy = session.policy(attempts=sorted(deploying_workflows(session)), shape=2)  # 2: with node ids
    if backfill.position.get("policy") != policy:
        backfill = _begin(session, policy)
    moved = False
    if not backfill.complete:
        _backfill(session, backfill)
    else:
        incremental = session.cursor("incremental")
        moved = session.mark is None or incremental.position.get("mark") != _mark(session)
        if moved:
            _increment(session, incremental)
    recent = partial(_recent, session)
    lane = Refreshed(lambda: [run for run in recent() if run.is_open], recent, partial(_read_again, session))
    refresh(session, lane, moved=moved)


def _recent(session: Session) -> list[Candidate]:
    """Runs that may have been started again, by what we know of them; nothing is known of one of which an attempt is
    missing, since GitHub did not give it when it was asked for.
    """
    since, patterns = session.observed_at - RERUNS_WITHIN, deploying_workflows(session)
    lacking = runs_that_lack_attempts(session.connection, session.scope, since) if patterns else {}
    unknown = {run_id for run_id, payload in lacking.items() if _is_of(payload, patterns)}
    recent = recent_runs(session.connection, session.scope, since)
    return [replace(run, updated_at="") if run.key in unknown else run for run in recent]


def deploying_workflows(session: Session) -> tuple[str, ...]:
    """Patterns of the workflows whose runs are deployments of the repository, by its rule."""
    rule = session.settings.deployment_rule(session.repository.name) if session.repository else None
    return tuple(pattern.lower() for pattern in rule.workflows) if rule and "workflow_run" in rule.sources else ()


def read_run(node: Node, *, repository: Repository) -> Record:
    """An attempt of a run as it lands."""
    run_id, attempt = integer(node, "id"), integer(node, "run_attempt")
    if not 1 <= attempt <= MOST_ATTEMPTS:
        raise UnfitError("implausible_number: run_attempt")
    updated_at = instant(node, "updated_at")
    payload = {
        "run_id": run_id,
        "run_attempt": attempt,
        "repository_id": repository.repository_id,
        "node_id": text(node, "node_id"),
        "workflow_id": integer(node, "workflow_id"),
        "check_suite_node_id": optional_text(node, "check_suite_node_id"),
        "workflow_name": optional_text(node, "name"),
        "workflow_path": (optional_text(node, "path") or "").partition("@")[0] or None,
        "event": text(node, "event"),
        "status": optional_text(node, "status"),
        "conclusion": optional_text(node, "conclusion"),
        "head_sha": text(node, "head_sha"),
        "head_is_default_branch": _is_default_branch(node, repository),
        "created_at": instant(node, "created_at"),
        "run_started_at": optional_instant(node, "run_started_at"),
        "updated_at": updated_at,
        "actor_id": person(node.get("actor")),
    }
    return Record(f"{run_id}:{attempt}", payload, updated_at)


def _is_default_branch(node: Node, repository: Repository) -> bool:
    """By name, in this repository: a fork's branch may be called the same."""
    home = optional_inner(node, "head_repository").get("id", repository.repository_id)
    return node.get("head_branch") == repository.default_branch and home == repository.repository_id


def _mark(session: Session) -> str:
    """A push may bring a workflow that the probe does not know yet, so the head belongs to the mark."""
    assert session.repository is not None
    return f"{session.mark}|{session.repository.head_oid}"


def _begin(session: Session, policy: str) -> Cursor:
    """Note what there is before reading it, so that what comes meanwhile shows as moved."""
    assert session.repository is not None
    workflows = list_workflows(session.client, session.repository)
    session.repository.marks[session.stream] = probe_workflows(session.client, workflows).get(session.scope, "")
    position = {"policy": policy, "mark": _mark(session), "workflows": workflows[session.scope]}
    return Cursor("backfill", position | {"until": None, "newest": None})


def _backfill(session: Session, cursor: Cursor) -> None:
    """From the newest down; the place of the page is saved with the page."""
    start = session.read_since or HISTORY_BEGINS

    def position(until: str, newest: str) -> Cursor:
        known = cursor.position["newest"] or newest
        return replace(cursor, position=cursor.position | {"until": until, "newest": known})

    newest = _read_down(session, start, "backfill", cursor.position["until"], position)
    newest = cursor.position["newest"] or newest
    kept = {key: cursor.position[key] for key in ("mark", "workflows")}
    session.save(replace(cursor, complete=True), Cursor("incremental", kept, _instant(newest), True))


def _increment(session: Session, cursor: Cursor) -> None:
    """New runs and yesterday's."""
    assert session.repository is not None
    watermark, mark = cursor.watermark, _mark(session)
    begin = session.read_since or HISTORY_BEGINS
    start = max(begin, iso(watermark - RECENT)) if watermark else begin
    newest = _read_down(session, start, "incremental") or (iso(watermark) if watermark else None)
    workflows = list_workflows(session.client, session.repository)[session.scope]
    session.save(Cursor("incremental", {"mark": mark, "workflows": workflows}, _instant(newest), True))


def _read_down(
    session: Session,
    start: str,
    lane: str,
    until: str | None = None,
    position: Callable[[str, str], Cursor] | None = None,
) -> str | None:
    """Land the runs created from ``start`` to ``until`` (or now), newest first; the newest creation met.

    The list ends silently after 1,000 runs, so it is asked for again from the oldest one met;
    and from where it stood, if it got shorter meanwhile.
    """
    newest, more, shrunk = None, True, 0
    while more:
        created = f"{start}..{until}" if until else f">={start}"
        oldest, listed = until, RunList(session.subject)
        for answer in _pages(session, created):
            runs = listed.runs_of(answer)
            if listed.has_shrunk:
                break
            met = created_of(runs)
            newest = newest or max((at for at in met if at <= iso(answer.observed_at)), default=None)
            oldest = min(met, default=oldest)
            cursor = position(oldest, newest) if position and oldest and newest else None
            _land_runs(session, runs, answer, lane, cursor)
        if listed.has_shrunk:
            shrunk += 1
            if shrunk > RETRIES:
                raise UnavailableError(f"{session.subject}: runs are deleted faster than they are read; run again")
            continue
        more = listed.total >= CAP and oldest is not None and oldest > start
        until = _before(oldest) if oldest and oldest == until else oldest
    return newest


def _pages(session: Session, created: str) -> Iterator[Answer]:
    assert session.repository is not None
    path = f"/repos/{session.repository.name_with_owner}/actions/runs"
    asked = {"per_page": PAGE, "exclude_pull_requests": "true", "created": created}
    return session.client.rest_pages(path, asked, subject=session.subject)


def _before(second: str) -> str:
    """For the unheard-of case of 1,000 runs in one second: what the list hides cannot be had."""
    return iso(datetime.fromisoformat(second) - timedelta(seconds=1))


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _land_runs(session: Session, runs: Iterable[Any], answer: Answer, lane: str, cursor: Cursor | None = None) -> None:
    cursors = (cursor,) if cursor else ()
    session.land(*read_runs(session, runs), answer.observed_at, *cursors, lane=lane)


def read_runs(session: Session, runs: Iterable[Any]) -> tuple[list[Record], list[Reject]]:
    """Runs with those of their attempts before the newest that can be deployments."""
    assert session.repository is not None
    read = partial(read_run, repository=session.repository)
    records, rejects = sort_out(runs, read)
    earlier, unfit = sort_out(_earlier_attempts(session, records), read)
    return [*records, *earlier], [*rejects, *unfit]


def _earlier_attempts(session: Session, records: list[Record]) -> list[Node]:
    patterns = deploying_workflows(session)
    wanted = {
        f"{payload['run_id']}:{attempt}": f"{payload['run_id']}/attempts/{attempt}"
        for record in records
        if (payload := record.payload) and _is_of(payload, patterns)
        for attempt in range(1, payload["run_attempt"])
    }
    if not wanted:
        return []
    known = completed_attempts(session.connection, wanted)
    paths = [path for key, path in wanted.items() if key not in known]
    return [node for path in paths if (node := _one(session, path)) is not None]


def _is_of(payload: dict[str, Any], patterns: tuple[str, ...]) -> bool:
    """Whether it is a run of one of the workflows, by name or by path."""
    names = (payload["workflow_name"], payload["workflow_path"])
    return any(name and matches_any(name, patterns) for name in names)


def _read_again(session: Session, waiting: Sequence[Candidate]) -> Iterator[Page]:
    """Those of the runs that moved since they were read, and those that go on though GraphQL does not show them."""
    remote, observed_at = _times(session, waiting)
    for run in waiting:
        there = remote.get(run.node_id)
        if there == run.updated_at or (there is None and not run.is_open):
            continue
        found = ask_one(session, str(run.key))
        if found is not None:
            yield Page(run.key, *read_runs(session, [found.document]), found.observed_at)
    yield Page(waiting[-1].key, [], [], observed_at)


def _times(session: Session, runs: Sequence[Candidate]) -> tuple[dict[str, str], datetime]:
    """When each run last moved, by node id; nothing where GraphQL may not be asked what REST may."""
    asked = {"ids": [one.node_id for one in runs]}
    tolerated = frozenset({"NOT_FOUND"})
    try:
        answer = session.client.graphql("workflow_runs_by_id", asked, subject=session.subject, tolerated=tolerated)
    except PermissionMissingError:
        return {}, session.observed_at
    found = nodes_by_id(answer.data, asked["ids"], session.subject)
    nodes = [node for node in found if node.get("__typename") == "WorkflowRun"]
    return {node["id"]: instant(node, "updatedAt") for node in nodes}, answer.observed_at


def _one(session: Session, path: str) -> Node | None:
    answer = ask_one(session, path)
    return answer.document if answer else None


def ask_one(session: Session, path: str) -> Answer | None:
    """One run or attempt; ``None`` if it is gone."""
    assert session.repository is not None
    address = f"/repos/{session.repository.name_with_owner}/actions/runs/{path}"
    try:
        return session.client.rest(address, {"exclude_pull_requests": "true"}, subject=session.subject)
    except NotFoundError:
        return None
