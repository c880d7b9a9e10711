"""What is alive while the company is played: repositories, pull requests, deployments, incidents.

Documents (``doc``) are what GitHub would show; the other fields are what only the simulator
knows, above all why something happened.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from roosevelt_pipeline.sandbox.blueprint import Method, Pace, RepositoryBlueprint, ServiceBlueprint
from roosevelt_pipeline.sandbox.people import Cast, Person
from roosevelt_pipeline.sandbox.rhythm import DAY
from roosevelt_pipeline.sandbox.store import Doc

Outcome = Literal["success", "failure", "cancelled", "in_progress"]
FailureMethod = Literal["explicit", "revert", "rollback", "hotfix", "time"]
LinkMethod = Literal["explicit", "time"]

LEAD_TIME_BOUND_DAYS = 90
REMEMBERED_TIPS = 40
REMEMBERED_DEPLOYMENTS = 12


@dataclass(slots=True, eq=False)
class Change:
    """One unit of integration as one service sees it."""

    repository: str
    service: str
    sha: str
    number: int | None
    kind: str
    author_is_bot: bool
    merged_at: int
    first_commit_at: int
    lead_time_from: int
    """As ``first_commit_at``, but a commit far older than its pull request counts from the pull request."""
    pull_request: "PullRequest | None" = None
    is_revert: bool = False
    is_hotfix: bool = False
    closes_incident: bool = False
    undoes: "Change | None" = None
    is_doomed: bool = False
    """A revert of it is under way that no plot of an incident asked for."""
    deployed: "Attempt | None" = None

    @property
    def is_rework(self) -> bool:
        return self.is_revert or self.is_hotfix or self.closes_incident


@dataclass(slots=True, eq=False)
class Landing:
    """Something that arrived on the default branch: its tip then, and what it brings to each service."""

    place: int
    oid: str
    changes: dict[str, list[Change]]


@dataclass(slots=True, eq=False)
class Attempt:
    """One try to deploy, and all that later came to light about it."""

    repository: str
    service: str
    source: str
    source_id: int
    number: int
    environment: str
    sha: str
    started_at: int
    place: int
    ended_at: int | None = None
    outcome: Outcome = "in_progress"
    is_deployment: bool = False
    is_first: bool = False
    is_rollback: bool = False
    is_unplanned: bool = False
    shipped: list[Change] = field(default_factory=list)
    incidents: "list[Incident]" = field(default_factory=list)
    reverted_by: "Attempt | None" = None
    rolled_back_by: "Attempt | None" = None
    has_hotfix: bool = False
    hotfixed_by: "Attempt | None" = None

    @property
    def failure_method(self) -> FailureMethod | None:
        """The strongest evidence that has come to light so far."""
        links = {incident.link for incident in self.incidents if not incident.is_excluded}
        if "explicit" in links:
            return "explicit"
        if self.reverted_by:
            return "revert"
        if self.rolled_back_by:
            return "rollback"
        if self.has_hotfix:
            return "hotfix"
        return "time" if links else None

    @property
    def recovered_at(self) -> int | None:
        """When the last of its incidents was resolved, else when what mends it was deployed."""
        incidents = [incident for incident in self.incidents if not incident.is_excluded]
        if incidents:
            resolved = [incident.resolved_at for incident in incidents if incident.resolved_at is not None]
            return max(resolved) if len(resolved) == len(incidents) else None
        mend = self.reverted_by or self.rolled_back_by or self.hotfixed_by
        return mend.ended_at if mend else None


@dataclass(slots=True, eq=False)
class Incident:
    """An issue. ``service`` and ``severity`` are None for ordinary bugs."""

    doc: Doc
    repository: "Repository"
    service: "Service | None" = None
    severity: str | None = None
    opened_at: int = 0
    resolved_at: int | None = None
    is_external: bool = False
    is_excluded: bool = False
    suspect: Attempt | None = None
    link: LinkMethod | None = None

    @property
    def number(self) -> int:
        return int(self.doc["number"])

    @property
    def is_incident(self) -> bool:
        return self.severity is not None


@dataclass(slots=True, eq=False)
class PullRequest:
    """A pull request and its author's intentions."""

    repository: "Repository"
    author: Person
    doc: Doc
    services: "tuple[Service, ...]"
    method: Method
    pace: Pace
    base: str
    opened_at: int = 0
    is_urgent: bool = False
    is_hotfix: bool = False
    must_merge: bool = False
    parent: "PullRequest | None" = None
    open_children: int = 0
    wants_merge: bool = False
    undoes: "PullRequest | None" = None
    fixes: Incident | None = None
    mends: Attempt | None = None
    """The failed deployment that a hotfix was written for."""
    on_opened: "Callable[[PullRequest], None] | None" = None
    merged_onto: str = ""
    """The default branch's tip before the merge."""
    authored: list[int] = field(default_factory=list)
    steps_left: int = 0
    changes: dict[str, Change] = field(default_factory=dict)
    stacked: list[Change] = field(default_factory=list)

    @property
    def number(self) -> int:
        return int(self.doc["number"])

    @property
    def is_open(self) -> bool:
        return bool(self.doc["state"] == "OPEN")

    @property
    def lead_time_from(self) -> int:
        oldest = self.opened_at - LEAD_TIME_BOUND_DAYS * DAY
        return min(self.opened_at if moment < oldest else moment for moment in self.authored)


@dataclass(eq=False)
class Service:
    """A service: what waits to be shipped, what runs now, what ran before."""

    blueprint: ServiceBlueprint
    waiting: deque[tuple[int, Change]] = field(default_factory=deque)
    running_sha: str | None = None
    latest: Attempt | None = None
    before: deque[Attempt] = field(default_factory=lambda: deque(maxlen=REMEMBERED_DEPLOYMENTS))
    suspects: set[str] = field(default_factory=set)
    """Shas that were found bad: nobody deploys them again."""
    live: dict[str, Doc] = field(default_factory=dict)
    """The deployment that is active in each environment."""
    is_busy: bool = False
    holds: int = 0
    has_missed_a_slot: bool = False
    version: tuple[int, int] = (1, 0)

    @property
    def name(self) -> str:
        return self.blueprint.name

    @property
    def is_free(self) -> bool:
        return not self.is_busy and not self.holds


@dataclass(eq=False)
class Repository:
    """A repository and its default branch."""

    blueprint: RepositoryBlueprint
    id: int
    cast: Cast
    zone: str
    services: tuple[Service, ...]
    created_at: int
    rate: float
    head: str = ""
    last_number: int = 0
    positions: int = 0
    landings: int = 0
    pushed_at: int = 0
    tips: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIPS))
    workflows: dict[str, int] = field(default_factory=dict)
    run_numbers: dict[str, int] = field(default_factory=dict)
    open_bugs: list[Incident] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.blueprint.name

    def next_number(self) -> int:
        """Pull requests and issues share one count."""
        self.last_number += 1
        return self.last_number

    def someone(self, rng: Random, day: int, team: str, *, besides: Person | None = None) -> Person:
        """Somebody of a team, now and then of another, who still works here."""
        members = self.cast.by_team[team] if rng.random() < 0.86 else self.cast.everyone
        while True:
            person = rng.choice(members)
            if person is not besides and (person.works_until_day is None or day < person.works_until_day):
                return person
