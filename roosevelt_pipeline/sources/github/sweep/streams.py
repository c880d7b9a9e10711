"""The weekly sweep: what is held in raw and no longer exists on GitHub becomes a tombstone.

No list tells what was deleted or moved to another repository, so known ids are asked for. An
object is taken for gone only when it was missing twice, each time beside a witness that was
found; when many are missing at once, GitHub's own count must agree. Every request is saved
with what it found, so a sweep that was broken off goes on where it stopped.

Commits have no tombstones: what a force-push leaves behind is no longer reached from the
head, which is how models choose them. Teams are read whole each time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from roosevelt_pipeline.sources.github.errors import GitHubError
from roosevelt_pipeline.sources.github.nodes import Node
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.sources.github.sweep.presence import (
    IDS_PER_REQUEST,
    Whereabouts,
    Witness,
    ask_presence,
    listed,
    listed_comment,
    listed_run,
)
from roosevelt_pipeline.warehouse.held import Held, HeldRow, held_objects, held_rows
from roosevelt_pipeline.warehouse.landing import Cursor, lock_stream
from roosevelt_pipeline.warehouse.records import Record

T = TypeVar("T")
FEW_GONE = 10  # that many may be gone at once without GitHub's count to confirm it
# GitHub itself removes runs after about 400 days; those are facts that stay.
RUNS_KEPT = timedelta(days=390)


class SuspiciousError(GitHubError):
    """Too much is missing to believe that it was deleted."""


@dataclass(frozen=True)
class Swept:
    """How a stream is swept.

    Attributes:
        witness: asks the stream's list for its count and an object that exists.
        counts_ours: whether that count is of what we hold; of issues we hold those that are incidents.
        kept_for: age beyond which GitHub removes objects by itself; ``None`` if it never does.
    """

    witness: Callable[[Session, datetime | None], Witness]
    counts_ours: bool = True
    kept_for: timedelta | None = None


SWEPT = {
    "github_pull_requests": Swept(listed("pullRequests")),
    "github_review_comments": Swept(listed_comment, counts_ours=False),
    "github_deployments": Swept(listed("deployments")),
    "github_workflow_runs": Swept(listed_run, kept_for=RUNS_KEPT),
    "github_issues": Swept(listed("issues"), counts_ours=False),
    "github_releases": Swept(listed("releases")),
}


@dataclass
class Findings:
    """What a sweep of one stream found: objects held, asked for, gone, transferred, and back again."""

    held: int = 0
    asked: int = 0
    gone: int = 0
    transferred: int = 0
    revived: int = 0

    def count(self, places: Iterable[Whereabouts]) -> None:
        for place in places:
            name = {"here": "revived", "not_found": "gone", "transferred": "transferred"}[place]
            setattr(self, name, getattr(self, name) + 1)


def sweep_stream(session: Session, findings: Findings) -> None:
    """Sweep one stream of one repository, or go on with a sweep that was broken off.

    Raises:
        GitHubError: see its subclasses; nothing is tombstoned that was not missing twice.
    """
    _Sweep(session, SWEPT[session.stream], findings).run()


class _Sweep:
    def __init__(self, session: Session, swept: Swept, findings: Findings) -> None:
        assert session.repository is not None
        self._session, self._swept = session, swept
        self._since = session.observed_at - swept.kept_for if swept.kept_for else None
        self._home = session.repository.node_id
        self._found = findings
        cursor = session.cursor("sweep")
        if cursor.complete or "after" not in cursor.position:
            fresh = {"begun": session.observed_at.isoformat(), "after": "", "missing": []}
            cursor = replace(cursor, position=fresh, complete=False)
        self._cursor = cursor

    def run(self) -> None:
        session = self._session
        everything = held_objects(session.connection, session.stream, session.scope, self._since)
        living = {one.node_id for one in everything if not one.deleted}
        self._found.held = len(living)
        if everything and not self._agrees(witness := self._witness(), len(living)):
            self._look([one for one in everything if one.node_id > self._cursor.position["after"]], witness)
            missing = sorted(living.intersection(self._cursor.position["missing"]))
            if missing:
                witness = self._witness()
                self._doubt(len(missing), len(living), witness)
                self._confirm(missing, witness)
        begun = datetime.fromisoformat(self._cursor.position["begun"])
        session.save(Cursor("sweep", {}, begun, complete=True), lane="sweep")

    def _witness(self) -> Witness:
        return self._swept.witness(self._session, self._since)

    def _agrees(self, witness: Witness, living: int) -> bool:
        """Whether GitHub counts as many as we hold, so that nothing need be asked."""
        comparable = self._swept.counts_ours and self._session.read_since is None
        return comparable and not self._cursor.position["after"] and witness.count == living

    def _look(self, waiting: Sequence[Held], witness: Witness) -> None:
        """Ask for each object once; note which are missing, and give life back to those that answer again."""
        for batch in batches(waiting):
            where, observed_at = self._ask([one.node_id for one in batch], witness)
            missing = [one.node_id for one in batch if where[one.node_id] != "here" and not one.deleted]
            back: dict[str, Whereabouts] = {
                one.node_id: "here" for one in batch if where[one.node_id] == "here" and one.deleted
            }
            known = self._cursor.position["missing"]
            self._move(after=batch[-1].node_id, missing=[*known, *missing])
            self._land(back, observed_at)

    def _doubt(self, missing: int, living: int, witness: Witness) -> None:
        """Refuse to believe that much is gone at once, unless GitHub's count says so too.

        Raises:
            SuspiciousError: nothing is tombstoned; the next sweep begins anew.
        """
        session = self._session
        if missing <= max(FEW_GONE, session.settings.github.sweep_most_gone_ratio * living):
            return
        if witness.count == 0 or (self._swept.counts_ours and witness.count == living - missing):
            return
        session.save(Cursor("sweep", {}, self._cursor.watermark))
        raise SuspiciousError(
            f"{session.subject}: {missing} of {living} objects are not found by their ids, and GitHub's own count does "
            "not confirm it, so nothing is taken for deleted; check the token's permissions with `roosevelt doctor`, "
            "or, if they are deleted, sweep once with ROOSEVELT_GITHUB__SWEEP_MOST_GONE_RATIO=1"
        )

    def _confirm(self, missing: Sequence[str], witness: Witness) -> None:
        """Ask once more for what was missing; what is missing again becomes a tombstone."""
        left = list(missing)
        for batch in batches(missing):
            where, observed_at = self._ask(batch, witness)
            left = left[len(batch) :]
            self._move(missing=left)
            self._land({node_id: place for node_id, place in where.items() if place != "here"}, observed_at)

    def _ask(self, ids: Sequence[str], witness: Witness) -> tuple[dict[str, Whereabouts], datetime]:
        self._found.asked += len(ids)
        return ask_presence(self._session.client, ids, self._is_home, self._session.subject, witness.node_id)

    def _is_home(self, node: Node) -> bool:
        return bool((node.get("repository") or {"id": self._home})["id"] == self._home)

    def _move(self, **position: Any) -> None:
        self._cursor = replace(self._cursor, position=self._cursor.position | position)

    def _land(self, changed: Mapping[str, Whereabouts], observed_at: datetime) -> None:
        """Tombstones, or lives given back, with the cursor, under the stream's lock."""
        session = self._session
        with session.connection.transaction():
            lock_stream(session.connection, session.stream, session.scope)
            rows = held_rows(session.connection, session.stream, session.scope, changed)
            turned = [row for row in rows if row.deleted == (changed[row.node_id] == "here")]
            session.land(
                [marked(row, changed[row.node_id]) for row in turned], [], observed_at, self._cursor, lane="sweep"
            )
        self._found.count(changed[node_id] for node_id in {row.node_id for row in turned})


def marked(row: HeldRow, place: Whereabouts) -> Record:
    """A tombstone that says why, or the same object without one."""
    payload = {name: value for name, value in row.payload.items() if name != "gone"}
    if place == "here":
        return Record(row.natural_key, payload)
    return Record(row.natural_key, payload | {"gone": place}, deleted=True)


def batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as one request may ask for beside a witness."""
    for start in range(0, len(things), IDS_PER_REQUEST - 1):
        yield things[start : start + IDS_PER_REQUEST - 1]
