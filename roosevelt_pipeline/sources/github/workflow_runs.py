"""Runs of workflows, every attempt: by REST, because GraphQL tells neither the attempt nor when it started.

A filtered list ends silently at 1,000 runs, so history is cut into windows of creation time
that hold fewer. A run may be started again up to a month after it was created, which no list
shows; so the last month is read again once a day, if something moved.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
AIM = 700  # runs per window when history is cut: uneven weeks still stay under the cap
RERUNS_WITHIN = timedelta(days=32)
RECENT = timedelta(days=1)
REREAD_EVERY = timedelta(hours=20)
HISTORY_BEGINS = "2019-01-01T00:00:00Z"  # no workflow ran before


@dataclass(frozen=True)
class Window:
    """Runs created from ``start`` to ``end``, both included; without ``end``, up to now."""

    start: str
    end: str | None = None

    @property
    def created(self) -> str:
        return f"{self.start}..{self.end}" if self.end else f">={self.start}"

    def split(self, parts: int, newest: str) -> "list[Window]":
        """Cut into equal times; the last part stays open if this one was."""
        first, last = datetime.fromisoformat(self.start), datetime.fromisoformat(self.end or newest)
        step = (last - first) / parts
        starts = [first + step * number for number in range(parts)]
        starts = list(dict.fromkeys(start.replace(microsecond=0) for start in starts))
        ends = [iso(start - timedelta(seconds=1)) for start in starts[1:]]
        return [Window(iso(start), end) for start, end in zip(starts, [*ends, self.end], strict=True)]


def collect(session: Session) -> None:
    """History in windows the first time; then new runs, the last month for re-runs, and unfinished ones."""
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
    start = Window(session.read_since or HISTORY_BEGINS)
    position = {"policy": policy, "mark": _mark(session), "workflows": workflows[session.scope]}
    return Cursor("backfill", position | {"windows": [[start.start, start.end]], "newest": None})


def _backfill(session: Session, cursor: Cursor) -> None:
    """Window by window, the oldest first; one that holds too many is cut."""
    while windows := [Window(*pair) for pair in cursor.position["windows"]]:
        rest, newest = _read_window(session, windows[0], "backfill")
        newest = max(newest or "", cursor.position["newest"] or "") or None
        left = [[one.start, one.end] for one in rest + windows[1:]]
        cursor = replace(cursor, position=cursor.position | {"windows": left, "newest": newest}, complete=not left)
        if left:
            session.save(cursor)
    position = {"mark": cursor.position["mark"], "workflows": cursor.position["workflows"]}
    newest = cursor.position["newest"]
    watermark = datetime.fromisoformat(newest) if newest else None
    session.save(replace(cursor, complete=True), Cursor("incremental", position | {"reread": newest}, watermark, True))


def _increment(session: Session, cursor: Cursor) -> None:
    """New runs and yesterday's; once a day of the runs' own time, a month of them."""
    assert session.repository is not None
    watermark, mark = cursor.watermark, _mark(session)
    start = iso(watermark - RECENT) if watermark else session.read_since or HISTORY_BEGINS
    newest = _read_windows(session, [Window(start)], "incremental") or (iso(watermark) if watermark else None)
    reread = cursor.position.get("reread")
    if newest and watermark and _is_due(reread, newest):
        month = iso(datetime.fromisoformat(newest) - RERUNS_WITHIN)
        _read_windows(session, [Window(month, start)], "refresh")
        reread = newest
    workflows = list_workflows(session.client, session.repository)[session.scope]
    position = {"mark": mark, "workflows": workflows, "reread": reread}
    session.save(Cursor("incremental", position, datetime.fromisoformat(newest) if newest else None, True))


def _is_due(reread: str | None, newest: str) -> bool:
    return reread is None or datetime.fromisoformat(newest) - datetime.fromisoformat(reread) >= REREAD_EVERY


def _read_windows(session: Session, windows: list[Window], lane: str) -> str | None:
    """Read windows and their parts; the newest creation met."""
    newest = None
    while windows:
        rest, seen = _read_window(session, windows.pop(0), lane)
        windows = rest + windows
        newest = max(newest or "", seen or "") or None
    return newest


def _read_window(session: Session, window: Window, lane: str) -> tuple[list[Window], str | None]:
    """Land a window page by page; or, if GitHub would cut it short, its first page and the parts to read instead."""
    assert session.repository is not None
    path = f"/repos/{session.repository.name_with_owner}/actions/runs"
    asked = {"per_page": PAGE, "exclude_pull_requests": "true", "created": window.created}
    newest = None
    for answer in session.client.rest_pages(path, asked, subject=session.subject):
        runs = answer.document.get("workflow_runs") or []
        _land_runs(session, runs, answer, lane)
        newest = max([newest or "", *(str(run.get("created_at") or "") for run in runs if run)]) or None
        total = int(answer.document.get("total_count") or 0)
        if total >= CAP and newest and (parts := window.split(max(2, -(-total // AIM)), newest)) != [window]:
            return parts, newest
    return [], newest


def _land_runs(session: Session, runs: Iterable[Any], answer: Answer, lane: str) -> None:
    """Land a page of runs with the attempts before the newest, which no list shows."""
    assert session.repository is not None
    read = partial(read_run, repository=session.repository)
    records, rejects = sort_out(runs, read)
    earlier, unfit = sort_out(_earlier_attempts(session, records), read)
    session.land([*records, *earlier], [*rejects, *unfit], answer.observed_at, lane=lane)


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
