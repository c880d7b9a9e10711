"""Trouble that no deployment began: outages of others, old faults, late hotfixes, bugs."""

from roosevelt_pipeline.sandbox.delivery import Delivery
from roosevelt_pipeline.sandbox.development import Development
from roosevelt_pipeline.sandbox.entities import Repository, Service
from roosevelt_pipeline.sandbox.issues import Issues
from roosevelt_pipeline.sandbox.repairs import Repairs
from roosevelt_pipeline.sandbox.rhythm import DAY, HOUR, activity_share, arrivals
from roosevelt_pipeline.sandbox.world import World

# Past it nobody blames the last deployment; an hour more than the documented window.
BLAMELESS_AFTER = 25 * HOUR
EXTERNAL_PER_DAY = 0.012
UNEXPLAINED_PER_DAY = 0.02
LATE_HOTFIX_PER_DAY = 0.012
BUGS_PER_DAY = 0.12
BUG_CLOSED_BY_PULL_REQUEST_SHARE = 0.5
BUG_NOT_PLANNED_SHARE = 0.3


class Troubles:
    """Plays bad luck."""

    def __init__(self, world: World, development: Development, delivery: Delivery, issues: Issues) -> None:
        self._world = world
        self._rng = world.chance("troubles")
        self._development = development
        self._delivery = delivery
        self._issues = issues
        self._repairs = Repairs(world, self._rng, issues, development)

    def begin_day(self, day: int) -> None:
        """Incidents come at any hour, bugs while people are awake."""
        rng, agenda = self._rng, self._world.agenda
        for repository in self._world.repositories:
            for service in repository.services:
                for trouble, mean in (
                    (self._external, EXTERNAL_PER_DAY),
                    (self._unexplained, UNEXPLAINED_PER_DAY),
                    (self._late_hotfix, LATE_HOTFIX_PER_DAY),
                ):
                    for _ in range(arrivals(rng, mean * repository.rate)):
                        agenda.at(day * DAY + rng.randrange(DAY), trouble, repository, service)
            for _ in range(arrivals(rng, BUGS_PER_DAY * activity_share(repository.zone, day) * repository.rate)):
                agenda.at(day * DAY + rng.randrange(6 * HOUR, 22 * HOUR), self._bug, repository)

    def _external(self, repository: Repository, service: Service) -> None:
        incident = self._issues.open_incident(repository, service, "The provider is down.", external=True)
        self._repairs.close_by_hand(service, incident)

    def _unexplained(self, repository: Repository, service: Service) -> None:
        """An incident long after the last deployment."""
        if self._is_blameless(service):
            incident = self._issues.open_incident(repository, service, "No recent deployment.")
            self._repairs.close_by_hand(service, incident)

    def _late_hotfix(self, repository: Repository, service: Service) -> None:
        """An urgent mend of something older than the last day's deployments."""
        if self._is_blameless(service) and service.is_free:
            self._delivery.hold(service)
            self._development.fix(
                service, repository, None, hotfix=True, within=HOUR, on_opened=lambda _: self._delivery.release(service)
            )

    def _bug(self, repository: Repository) -> None:
        bug = self._issues.open_bug(repository)
        if self._rng.random() < BUG_CLOSED_BY_PULL_REQUEST_SHARE:
            repository.open_bugs.append(bug)
        else:
            reason = "NOT_PLANNED" if self._rng.random() < BUG_NOT_PLANNED_SHARE else "COMPLETED"
            self._repairs.later(self._rng.randrange(1, 20) * DAY, self._issues.close, bug, reason)

    def _is_blameless(self, service: Service) -> bool:
        latest = service.latest
        return (
            latest is not None and latest.ended_at is not None and self._world.now - latest.ended_at > BLAMELESS_AFTER
        )
