"""Runs of workflows, every attempt: by REST, because GraphQL tells neither the attempt nor when it started.

A filtered list ends silently at 1,000 runs, so it is asked for again from the oldest one met:
no page is spent on finding out where to cut. A run may be started again up to a month after
it was created, which no list shows; so the last month is read again once a day, if something
moved.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.errors import NotFoundError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    instant,
    integer,
    optional_instant,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.sources.github.workflows import list_workflows, probe_workflows
from roosevelt_pipeline.warehouse.heads import completed_attempts, unfinished_runs
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso

PAGE = 100
CAP = 1_000
RERUNS_WITHIN = timedelta(days=32)
RECENT = timedelta(days=1)
REREAD_EVERY = timedelta(hours=20)
HISTORY_BEGINS = "2019-01-01T00:00:00Z"  # no workflow ran before


def collect(session: Session) -> None:
    """All of history the first time; then new runs, the last month for re-runs, and unfinished ones."""
    backfill = session.cursor("backfill")
    policy = session.policy()
    if backfill.position.get("policy") != policy:
        backfill = _begin(session, policy)
    if not backfill.complete:
        _backfill(session, backfill)
        return
    incremental = session.cursor("incremental")
    if session.mark is None or incremental.position.get("mark") != _mark(session):
        _increment(session, incremental)
    _refresh(session)


def read_run(node: Node, *, repository: Repository) -> Record:
    """An attempt of a run as it lands."""
    run_id, attempt = integer(node, "id"), integer(node, "run_attempt")
    updated_at = instant(node, "updated_at")
    payload = {
        "run_id": run_id,
        "run_attempt": attempt,
        "repository_id": repository.repository_id,
        "workflow_id": integer(node, "workflow_id"),
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
    home = (node.get("head_repository") or {}).get("id", repository.repository_id)
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

    newest = _read_down(session, start, cursor.position["until"], "backfill", position)
    newest = cursor.position["newest"] or newest
    kept = {key: cursor.position[key] for key in ("mark", "workflows")} | {"reread": newest}
    session.save(replace(cursor, complete=True), Cursor("incremental", kept, _instant(newest), True))


def _increment(session: Session, cursor: Cursor) -> None:
    """New runs and yesterday's; once a day of the runs' own time, a month of them."""
    assert session.repository is not None
    watermark, mark = cursor.watermark, _mark(session)
    begin = session.read_since or HISTORY_BEGINS
    start = max(begin, iso(watermark - RECENT)) if watermark else begin
    newest = _read_down(session, start, None, "incremental") or (iso(watermark) if watermark else None)
    reread = cursor.position.get("reread")
    if newest and watermark and _is_due(reread, newest):
        month = iso(datetime.fromisoformat(newest) - RERUNS_WITHIN)
        _read_down(session, max(begin, month), start, "refresh")
        reread = newest
    workflows = list_workflows(session.client, session.repository)[session.scope]
    position = {"mark": mark, "workflows": workflows, "reread": reread}
    session.save(Cursor("incremental", position, _instant(newest), True))


def _is_due(reread: str | None, newest: str) -> bool:
    return reread is None or datetime.fromisoformat(newest) - datetime.fromisoformat(reread) >= REREAD_EVERY


def _read_down(
    session: Session,
    start: str,
    until: str | None,
    lane: str,
    position: Callable[[str, str], Cursor] | None = None,
) -> str | None:
    """Land the runs created from ``start`` to ``until`` (or now), newest first; the newest creation met.

    The list ends silently after 1,000 runs, so it is asked for again from the oldest one met.
    """
    newest, more = None, True
    while more:
        created = f"{start}..{until}" if until else f">={start}"
        total, oldest = 0, until
        for answer in _pages(session, created):
            runs = [run for run in answer.document.get("workflow_runs") or [] if isinstance(run, dict)]
            met = sorted(str(run.get("created_at")) for run in runs if run.get("created_at"))
            total = max(total, int(answer.document.get("total_count") or 0))
            newest = newest or next(reversed(met), None)
            oldest = next(iter(met), oldest)
            cursor = position(oldest, newest) if position and oldest and newest else None
            _land_runs(session, runs, answer, lane, cursor)
        more = total >= CAP and oldest is not None and oldest > start
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
    """Land a page of runs with the attempts before the newest, which no list shows."""
    assert session.repository is not None
    read = partial(read_run, repository=session.repository)
    records, rejects = sort_out(runs, read)
    cursors = (cursor,) if cursor else ()
    earlier, unfit = sort_out(_earlier_attempts(session, records), read)
    session.land([*records, *earlier], [*rejects, *unfit], answer.observed_at, *cursors, lane=lane)


def _earlier_attempts(session: Session, records: list[Record]) -> list[Node]:
    wanted = {
        f"{payload['run_id']}:{attempt}": f"{payload['run_id']}/attempts/{attempt}"
        for record in records
        if (payload := record.payload)
        for attempt in range(1, payload["run_attempt"])
    }
    if not wanted:
        return []
    known = completed_attempts(session.connection, wanted)
    paths = [path for key, path in wanted.items() if key not in known]
    return [node for path in paths if (node := _one(session, path)) is not None]


def _refresh(session: Session) -> None:
    """Ask again for each known attempt that had not ended."""
    assert session.repository is not None
    since = session.repository.observed_at - RERUNS_WITHIN
    for run_id in unfinished_runs(session.connection, session.scope, since):
        answer = _ask_one(session, str(run_id))
        if answer is not None:
            _land_runs(session, [answer.document], answer, "refresh")


def _one(session: Session, path: str) -> Node | None:
    answer = _ask_one(session, path)
    return answer.document if answer else None


def _ask_one(session: Session, path: str) -> Answer | None:
    """One run or attempt; ``None`` if it is gone."""
    assert session.repository is not None
    address = f"/repos/{session.repository.name_with_owner}/actions/runs/{path}"
    try:
        return session.client.rest(address, {"exclude_pull_requests": "true"}, subject=session.subject)
    except NotFoundError:
        return None
