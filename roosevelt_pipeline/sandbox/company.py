"""The simulated company: who it is, and the call that plays it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from roosevelt_pipeline.sandbox import branches
from roosevelt_pipeline.sandbox.blueprint import BAD_WEEK_DAYS, Division, RepositoryBlueprint, divisions
from roosevelt_pipeline.sandbox.builds import Builds, workflow_path
from roosevelt_pipeline.sandbox.calendars.diary import Diary
from roosevelt_pipeline.sandbox.channels import STAGING_WORKFLOW
from roosevelt_pipeline.sandbox.delivery import Delivery
from roosevelt_pipeline.sandbox.development import Development
from roosevelt_pipeline.sandbox.entities import Repository, Service
from roosevelt_pipeline.sandbox.identifiers import Identifiers
from roosevelt_pipeline.sandbox.incidents import Incidents
from roosevelt_pipeline.sandbox.issues import Issues
from roosevelt_pipeline.sandbox.people import Cast, Person, cast, hire_machines, write_accounts, write_team
from roosevelt_pipeline.sandbox.rhythm import DAY, HOUR, day_number, iso
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.surveys import Surveys
from roosevelt_pipeline.sandbox.troubles import Troubles
from roosevelt_pipeline.sandbox.world import Agenda, Player, World

ORGANIZATION = "helios-labs"


@dataclass(frozen=True)
class Company:
    """What decides the whole history: the same seed, start and scale give the same one.

    ``end`` is the day on which nothing has happened yet: the history ends at its 00:00 UTC,
    so a company that lives up to yesterday ends today. ``bad_week`` is the first day of a week in which
    all breaks that is deployed as planned; what went before it is the same as without.
    """

    seed: int
    start: date
    end: date
    scale: float = 1.0
    bad_week: date | None = None

    @classmethod
    def of_days(cls, seed: int, start: date, days: int, scale: float = 1.0) -> "Company":
        return cls(seed, start, start + timedelta(days=days), scale)

    @property
    def ends_at(self) -> datetime:
        return datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)


def play(company: Company, store: Store) -> None:
    """Play the company from its start to its end and leave its state then in an empty ``store``."""
    first_day, last_day = day_number(company.start), day_number(company.end)
    ids = Identifiers()
    machines = hire_machines(ids)
    world = World(company.seed, store, Agenda(first_day * DAY), ids, machines)
    write_accounts(store, machines.values())
    teams: dict[str, tuple[Person, ...]] = {}
    for division in divisions(company.scale):
        teams |= _found(world, division, first_day).by_team
    development, delivery, builds, issues = Development(world), Delivery(world), Builds(world), Issues(world)
    incidents = Incidents(world, development, delivery, issues, _bad_days(company))
    troubles = Troubles(world, development, delivery, issues)
    players: list[Player] = [
        development, builds, delivery, incidents, troubles, Surveys(world), Diary(world, teams),
    ]  # fmt: skip
    for repository in world.repositories:
        _push_root(world, repository)
    for day in range(first_day, last_day):
        for player in players:
            player.begin_day(day)
        world.agenda.run_until((day + 1) * DAY)
    world.write_unfinished()
    delivery.write_waiting()
    for repository in world.repositories:
        _write_repository(store, repository)
    store.index()


def _bad_days(company: Company) -> range:
    if company.bad_week is None:
        return range(0)
    first = day_number(company.bad_week)
    return range(first, first + BAD_WEEK_DAYS)


def _found(world: World, division: Division, first_day: int) -> Cast:
    """Hire a division's people and create its repositories, empty."""
    people = cast(division, world.ids, first_day)
    write_accounts(world.store, people.everyone)
    zones = {}
    for team in division.teams:
        write_team(world.store, world.ids, team, people.by_team[team.slug])
        zones[team.slug] = team.zone
    for plan in division.repositories:
        world.repositories.append(_create(world, plan, people, zones[plan.services[0].team], division.rate))
    return people


def _create(world: World, plan: RepositoryBlueprint, people: Cast, zone: str, rate: float) -> Repository:
    number = world.ids.next("repository")
    age_days = 40 + number % 700
    services = tuple(Service(service) for service in plan.services)
    repository = Repository(plan, number, people, zone, services, world.now - age_days * DAY, rate)
    for name in ("CI", plan.deploy_workflow, STAGING_WORKFLOW):
        repository.workflows[name] = world.ids.next("workflow")
        doc = {"id": repository.workflows[name], "name": name, "path": workflow_path(name), "state": "active"}
        world.store.put("workflows", doc, repository_id=number)
    return repository


def _push_root(world: World, repository: Repository) -> None:
    """The commit that everything else descends from."""
    author = repository.cast.everyone[0]
    branches.push(world, repository, author, "First commit", ["README.md"], repository.created_at + HOUR)


def _write_repository(store: Store, repository: Repository) -> None:
    doc = {
        "id": repository.id, "owner": ORGANIZATION, "name": repository.name, "created_at": iso(repository.created_at),
        "pushed_at": iso(repository.pushed_at), "updated_at": iso(repository.pushed_at), "default_branch": "main",
        "head_oid": repository.head, "is_archived": False, "is_private": True,
        "language": repository.blueprint.language,
    }  # fmt: skip
    store.put("repositories", doc)
