"""How long it takes to see that something is broken, and to put it right."""

from collections.abc import Callable
from random import Random

from roosevelt_pipeline.sandbox.development import Development
from roosevelt_pipeline.sandbox.entities import Incident, Repository, Service
from roosevelt_pipeline.sandbox.issues import Issues
from roosevelt_pipeline.sandbox.rhythm import HOUR, MINUTE, around
from roosevelt_pipeline.sandbox.world import World

LONGEST_DETECTION = 20 * HOUR
BY_HAND_SHARE = 0.55
REOPENED_SHARE = 0.12
REGRADED_SHARE = 0.12
ENDLESS_SHARE = 0.04
FORGOTTEN_SHARE = 0.06


class Repairs:
    """Plays whoever is on call. Draws from the stream of chance of the player that it serves."""

    def __init__(self, world: World, rng: Random, issues: Issues, development: Development) -> None:
        self._world = world
        self._rng = rng
        self._issues = issues
        self._development = development

    def detection(self, service: Service) -> int:
        """Seconds until somebody notices; always well within the window of a day."""
        return min(LONGEST_DETECTION, 3 * MINUTE + int(around(self._rng, service.blueprint.detect_minutes) * MINUTE))

    def later(self, seconds: int, action: Callable[..., None], *arguments: object) -> None:
        self._world.agenda.at(self._world.now + seconds, action, *arguments)

    def repair(self, repository: Repository, service: Service, incident: Incident) -> None:
        """By hand, or with a pull request whose merge closes the incident."""
        if self._rng.random() < BY_HAND_SHARE:
            self.close_by_hand(service, incident)
        else:
            within = int(min(around(self._rng, service.blueprint.repair_hours), 200) * HOUR)
            self._development.fix(service, repository, incident, within=within)

    def close_by_hand(self, service: Service, incident: Incident) -> None:
        """Close an incident after a while; some are forgotten, graded again, or come back."""
        rng = self._rng
        if rng.random() < FORGOTTEN_SHARE:
            return
        hours = around(rng, service.blueprint.repair_hours)
        if rng.random() < ENDLESS_SHARE:
            hours = rng.uniform(20, 60) * 24
        repaired = max(3 * MINUTE, int(hours * HOUR))
        self.later(repaired, self._issues.close, incident)
        if rng.random() < REOPENED_SHARE:
            again = repaired + rng.randrange(1, 12) * HOUR
            self.later(again, self._issues.reopen, incident)
            self.later(again + max(5 * MINUTE, int(hours * HOUR / 2)), self._issues.close, incident)
        if rng.random() < REGRADED_SHARE:
            self.later(repaired // 2, self._issues.grade_again, incident)
