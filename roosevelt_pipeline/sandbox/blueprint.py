"""What the company is made of before anything happens: teams, repositories, services."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from roosevelt_pipeline.sandbox.rhythm import AMSTERDAM, NEW_YORK

Source = Literal["github_deployment", "workflow_run", "release"]
Method = Literal["squash", "merge", "rebase"]

WEEKDAYS = (0, 1, 2, 3, 4)
BAD_WEEK_DAYS = 7


@dataclass(frozen=True)
class Pace:
    """Medians of a pull request's stages, in office hours."""

    coding: float
    pickup: float
    review: float
    merging: float


@dataclass(frozen=True)
class ServiceBlueprint:
    """One deployable thing and how well it is run.

    ``weekdays`` and ``chance`` say when a deployment is tried; a continuous service tries
    after each merge instead. ``detect_minutes`` and ``repair_hours`` are medians.
    """

    name: str
    team: str
    environment: str = "production"
    path: str = ""
    source: Source = "github_deployment"
    continuous: bool = False
    weekdays: tuple[int, ...] = WEEKDAYS
    every_weeks: int = 1
    chance: float = 0.6
    failure_share: float = 0.12
    broken_attempt_share: float = 0.06
    cancelled_share: float = 0.02
    detect_minutes: float = 45
    repair_hours: float = 3
    staging: float = 0.0
    at_night: bool = False
    """Deployed in the last minutes of the UTC day, so that midnight often finds it under way."""


@dataclass(frozen=True)
class RepositoryBlueprint:
    """A repository, its habits and its services. Rates are per working day."""

    name: str
    language: str
    services: tuple[ServiceBlueprint, ...]
    pace: Pace
    pull_requests: float
    methods: tuple[tuple[Method, float], ...] = (("squash", 1.0),)
    direct_pushes: float = 0.05
    bot_pull_requests: float = 0.2
    stacks: float = 0.0
    ci_on_push: bool = True
    nightly: bool = False
    deploy_workflow: str = "Deploy"

    @property
    def is_monorepo(self) -> bool:
        return len(self.services) > 1


@dataclass(frozen=True)
class TeamBlueprint:
    slug: str
    name: str
    zone: str
    size: int
    parent: str | None = None


@dataclass(frozen=True)
class Division:
    """Teams and the repositories that they own. A larger company has more of these."""

    number: int
    teams: tuple[TeamBlueprint, ...]
    repositories: tuple[RepositoryBlueprint, ...]
    rate: float = field(default=1.0)


TEAMS = (
    TeamBlueprint("engineering", "Engineering", AMSTERDAM, 1),
    TeamBlueprint("payments", "Payments", AMSTERDAM, 7, parent="engineering"),
    TeamBlueprint("identity", "Identity & Access", AMSTERDAM, 6, parent="engineering"),
    TeamBlueprint("commerce", "Commerce", NEW_YORK, 7),
    TeamBlueprint("insights", "Insights — Données", NEW_YORK, 6),
)

REPOSITORIES = (
    RepositoryBlueprint(
        "platform",
        "Python",
        (
            ServiceBlueprint("ledger", "payments", "ledger-production", "services/ledger/", chance=0.62,
                             failure_share=0.15, repair_hours=4, staging=0.15),
            ServiceBlueprint("accounts", "identity", "accounts-production", "services/accounts/", chance=0.55,
                             failure_share=0.12, repair_hours=3),
        ),
        Pace(5, 2.5, 1.5, 0.7), pull_requests=1.9, stacks=0.05, direct_pushes=0.05,
    ),
    RepositoryBlueprint(
        "storefront",
        "TypeScript",
        (ServiceBlueprint("storefront", "commerce", continuous=True, chance=0.93, failure_share=0.1,
                          detect_minutes=6, repair_hours=0.25, staging=0.08),),
        Pace(2.2, 0.8, 0.6, 0.25), pull_requests=2.5, stacks=0.07, bot_pull_requests=0.35,
    ),
    RepositoryBlueprint(
        "checkout",
        "Go",
        (ServiceBlueprint("checkout", "commerce", chance=0.8, failure_share=0.14, detect_minutes=25,
                          repair_hours=1.5),),
        Pace(3.5, 1.5, 1.0, 0.5), pull_requests=1.4, methods=(("rebase", 1.0),),
    ),
    RepositoryBlueprint(
        "search",
        "Java",
        (ServiceBlueprint("search", "insights", weekdays=(1, 3), chance=0.9, failure_share=0.2, detect_minutes=70,
                          repair_hours=9),),
        Pace(8, 5, 3, 1.5), pull_requests=0.9, methods=(("merge", 1.0),), direct_pushes=0.1, nightly=True,
    ),
    RepositoryBlueprint(
        "notifications",
        "Kotlin",
        (ServiceBlueprint("notifications", "identity", weekdays=(2,), every_weeks=2, chance=0.95, failure_share=0.28,
                          detect_minutes=120, repair_hours=20, broken_attempt_share=0.12, staging=0.5),),
        Pace(8, 6, 4, 2), pull_requests=0.8, methods=(("squash", 0.6), ("merge", 0.25), ("rebase", 0.15)),
        ci_on_push=False, stacks=0.02,
    ),
    RepositoryBlueprint(
        "billing-batch",
        "Python",
        (ServiceBlueprint("billing", "payments", source="workflow_run", chance=0.22, at_night=True, cancelled_share=0.1,
                          failure_share=0.22, detect_minutes=200, repair_hours=26, broken_attempt_share=0.15),),
        Pace(7, 5, 3, 2), pull_requests=0.6, direct_pushes=0.12, ci_on_push=False,
        deploy_workflow="Release to production",
    ),
    RepositoryBlueprint(
        "mobile-sdk",
        "Swift",
        (ServiceBlueprint("sdk", "insights", source="release", weekdays=(1,), every_weeks=6, chance=1.0,
                          failure_share=0.3, detect_minutes=400, repair_hours=60),),
        Pace(10, 8, 5, 3), pull_requests=0.55, methods=(("squash", 0.5), ("rebase", 0.5)), ci_on_push=False,
    ),
)  # fmt: skip


def divisions(scale: float) -> Iterator[Division]:
    """The company at a size: whole divisions, whose rates make up for a fraction.

    Division 1 bears the plain names; the others carry their number behind every name.
    """
    count = max(1, round(scale))
    for number in range(1, count + 1):
        mark = "" if number == 1 else f"-{number}"
        teams = tuple(replace(team, slug=team.slug + mark, parent=team.parent and team.parent + mark) for team in TEAMS)
        yield Division(number, teams, tuple(_named(each, mark) for each in REPOSITORIES), scale / count)


def _named(repository: RepositoryBlueprint, mark: str) -> RepositoryBlueprint:
    services = tuple(
        replace(service, name=service.name + mark, team=service.team + mark) for service in repository.services
    )
    return replace(repository, name=repository.name + mark, services=services)
