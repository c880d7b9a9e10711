"""The fast lane: whatever a webhook pointed at is read again by its id, and lands like anything that was polled.

A hint says only where to look, and what is found there is the present: so hints may come in
any order, twice, or late. They are settled in the transaction that lands what they pointed at.
Polling's cursors stay where they are, and polling stays the source of completeness.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github import commits, named, teams
from roosevelt_pipeline.sources.github.client import Costs, GitHubClient
from roosevelt_pipeline.sources.github.collect import connected, failure
from roosevelt_pipeline.sources.github.errors import WHOLE_RUN
from roosevelt_pipeline.sources.github.repositories import Repository, repositories_by_id
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.heads import living_keys
from roosevelt_pipeline.warehouse.inbox import Hint, Outcome, due_hints, postpone, settle, try_later
from roosevelt_pipeline.warehouse.landing import Landed
from roosevelt_pipeline.warehouse.records import Record

MOST_AT_ONCE = 2_000
PAUSE = timedelta(minutes=10)  # when nothing at all can be read
LANE = "webhook"
_INVISIBLE = "GitHub does not show it; asked again, in case it is not to be seen yet"
_STILL_THERE = "GitHub still shows what it says is gone; asked again"


@dataclass
class Followed:
    """What following hints came to.

    Attributes:
        outcomes: hints by outcome; ``later`` are those that will be tried again.
        landed: by stream.
        reasons: why hints were put off, each once.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    landed: dict[str, Landed] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    costs: Costs = field(default_factory=Costs)


def follow_hints(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    run_id: UUID,
    limit: int = MOST_AT_ONCE,
) -> Followed:
    """Follow the hints that are due.

    Raises:
        GitHubError: nothing at all can be read now; the hints wait, and it counts as no attempt.
        DatabaseError, IdentityKeyError: as ``collect_repository``.
    """
    with connected(warehouse, vault) as connection:
        follower = _Follower(client, connection, vault, settings, run_id)
        try:
            with client.metered() as follower.followed.costs:
                follower.follow(due_hints(connection, limit))
        except WHOLE_RUN:
            postpone(connection, PAUSE)
            raise
        return follower.followed


@dataclass
class _Follower:
    client: GitHubClient
    connection: "psycopg.Connection[Any]"
    vault: IdentityVault
    settings: Settings
    run_id: UUID
    followed: Followed = field(default_factory=Followed)
    asked_at: datetime | None = None  # when GitHub last told which repositories there are

    def follow(self, hints: Sequence[Hint]) -> None:
        by_repository: dict[int, list[Hint]] = defaultdict(list)
        for hint in hints:
            if hint.repository_id is not None:
                by_repository[hint.repository_id].append(hint)
        if about_teams := [hint for hint in hints if hint.kind == "teams"]:
            self._attempt("github_teams", None, about_teams, self._teams)
        found = self._repositories(by_repository)
        for repository_id, theirs in by_repository.items():
            if repository_id in found:
                self._in_repository(found[repository_id], theirs)

    def _repositories(self, by_repository: dict[int, list[Hint]]) -> dict[int, Repository | None]:
        """The repositories as they are now, ``None`` for those that GitHub does not show."""
        ids = {number: theirs[-1].repository_node_id or "" for number, theirs in by_repository.items()}
        found: dict[int, Repository | None] = {}

        def ask(_: Session, __: Sequence[Hint]) -> None:
            shown, self.asked_at = repositories_by_id(self.client, list(ids.values()))
            found.update({number: shown.get(node_id) for number, node_id in ids.items()})

        if ids:
            everybody = [hint for theirs in by_repository.values() for hint in theirs]
            self._attempt("github_repositories", None, everybody, ask)
        return found

    def _in_repository(self, repository: Repository | None, hints: Sequence[Hint]) -> None:
        if repository is None or repository.repository_id != hints[0].repository_id:
            self._attempt("github_repositories", None, hints, self._vanished)
            return
        owner = (self.settings.github.organization or "").lower()
        if repository.owner.lower() != owner or not repository.is_wanted(self.settings):
            moved_away = repository.owner.lower() != owner and any(hint.action == "transferred" for hint in hints)
            action = self._vanished if moved_away else self._unwanted
            self._attempt("github_repositories", None, hints, action)
            return
        by_kind: dict[str, list[Hint]] = defaultdict(list)
        for hint in hints:
            by_kind[hint.kind].append(hint)
        about_it = by_kind.pop("repository", [])
        self._attempt("github_repositories", None, about_it, partial(self._repository, repository))
        for kind, theirs in by_kind.items():
            if kind == "commits":
                self._attempt("github_commits", repository, theirs, self._commits)
            else:
                one = named.KINDS[kind]
                self._attempt(one.stream, repository, theirs, partial(self._objects, one))

    def _attempt(
        self,
        stream: str,
        repository: Repository | None,
        hints: Sequence[Hint],
        action: Callable[[Session, Sequence[Hint]], None],
    ) -> None:
        """Do it; what fails is put off with the reason. What is settled by then stays settled."""
        session = Session(self.client, self.connection, self.vault, self.settings, self.run_id, stream, repository)
        reason = failure(session, lambda session: action(session, hints))
        self.followed.landed[stream] = self.followed.landed.get(stream, Landed()) + session.landed
        if reason is not None:
            self._later(hints, reason)

    def _repository(self, repository: Repository, session: Session, hints: Sequence[Hint]) -> None:
        with self.connection.transaction():
            session.land([repository.record], [], repository.observed_at, lane=LANE)
            self._settle(hints, "landed")

    def _vanished(self, session: Session, hints: Sequence[Hint]) -> None:
        """A repository that is deleted, or no longer ours; or one that the token may not see."""
        assert self.asked_at is not None
        key = str(hints[0].repository_id)
        is_gone = any(hint.kind == "repository" and hint.action in ("deleted", "transferred") for hint in hints)
        if not is_gone and all(hint.attempts == 0 for hint in hints):
            self._later(hints, _INVISIBLE)
            return
        with self.connection.transaction():
            known = key in living_keys(self.connection, session.stream, session.scope)
            if is_gone and known:
                session.land([Record(key, None, deleted=True)], [], self.asked_at, lane=LANE)
            self._settle(hints, "gone")

    def _unwanted(self, _: Session, hints: Sequence[Hint]) -> None:
        self._settle(hints, "unwanted")

    def _teams(self, session: Session, hints: Sequence[Hint]) -> None:
        """Memberships tell no time of change, so the snapshot is taken again."""
        snapshot = teams.take_snapshot(self.client, self.settings)
        members = Session(self.client, self.connection, self.vault, self.settings, self.run_id, "github_team_members")
        with self.connection.transaction():
            teams.land_teams(session, snapshot)
            teams.land_members(members, snapshot)
            self._settle(hints, "landed")
        self.followed.landed[members.stream] = members.landed

    def _commits(self, session: Session, hints: Sequence[Hint]) -> None:
        """What a push brought: the commits' own increment. Before their history was read that is polling's business."""
        if not session.cursor("backfill").complete:
            self._settle(hints, "unwanted")
            return
        commits.collect(session)
        self._settle(hints, "landed")

    def _objects(self, kind: named.Kind, session: Session, hints: Sequence[Hint]) -> None:
        by_id: dict[str, list[Hint]] = defaultdict(list)
        for hint in hints:
            by_id[kind.address(hint)].append(hint)
        for asked in _batches(list(by_id), kind.batch):
            found = kind.read(session, asked)
            theirs = [hint for address in asked for hint in by_id[address]]
            self._land(session, found, theirs, kind.address)

    def _land(
        self, session: Session, found: named.Found, hints: Sequence[Hint], address: Callable[[Hint], str]
    ) -> None:
        """Land what was found and settle its hints, together. What is gone becomes a tombstone."""
        shown = [hint for hint in hints if address(hint) in found.shown]
        missing = [hint for hint in hints if address(hint) not in found.shown]
        doubted = {address(hint) for hint in hints if hint.attempts or hint.claims_removal}
        puzzling = [hint for hint in shown if hint.claims_removal and not hint.attempts]
        gone = [hint for hint in missing if address(hint) in doubted]
        surely = gone if found.is_certain else [hint for hint in gone if hint.claims_removal]
        with self.connection.transaction():
            records = [*found.records, *self._tombstones(session, surely)]
            session.land(records, found.rejects, found.observed_at, lane=LANE)
            self._settle([hint for hint in shown if hint not in puzzling], "landed")
            self._settle(gone, "gone")
            self._later(puzzling, _STILL_THERE)
            self._later([hint for hint in missing if hint not in gone], _INVISIBLE)

    def _tombstones(self, session: Session, gone: Iterable[Hint]) -> list[Record]:
        """Of what we hold in this repository; a number that lives on elsewhere is not touched."""
        numbers = {str(hint.object_id) for hint in gone if hint.object_id is not None}
        known = named.keys_of(session, numbers) if numbers else []
        return [Record(key, None, deleted=True) for key in known]

    def _settle(self, hints: Sequence[Hint], outcome: Outcome) -> None:
        if hints:
            settle(self.connection, [hint.id for hint in hints], outcome, self.run_id)
            self.followed.outcomes[outcome] += len(hints)

    def _later(self, hints: Sequence[Hint], reason: str) -> None:
        if hints:
            most = self.settings.webhooks.attempts
            ids = [hint.id for hint in hints]
            put_off, given_up = try_later(self.connection, ids, reason, most, self.run_id)
            self.followed.outcomes.update({"later": put_off, "given_up": given_up})
            self.followed.reasons.add(reason)


def _batches(addresses: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(addresses), size):
        yield addresses[start : start + size]
