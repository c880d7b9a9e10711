"""Deployments: when they are tried, what they carry, how they end, and how they are taken back."""

from collections.abc import Callable
from dataclasses import dataclass

from roosevelt_pipeline.sandbox import channels
from roosevelt_pipeline.sandbox.entities import Attempt, Landing, Outcome, Repository, Service
from roosevelt_pipeline.sandbox.rhythm import DAY, MINUTE, activity_share, arrivals, moment_in
from roosevelt_pipeline.sandbox.truth import record_attempt, record_change
from roosevelt_pipeline.sandbox.world import World

RETRY_SHARE = 0.75
BEHIND_HEAD_SHARE = 0.14
SAME_AGAIN_SHARE = 0.12
CANDIDATES_PER_DAY = 0.04

Started = Callable[[Attempt], None]


@dataclass(eq=False)
class Try:
    """What one deployment is after, through all its attempts."""

    repository: Repository
    service: Service
    sha: str
    place: int
    is_rollback: bool = False
    is_sure: bool = False
    """Whoever waits for it needs it to end well."""
    lap: int = 1
    on_success: Started | None = None


class Delivery:
    """Plays the release process of every service, one deployment of a service at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance("delivery")
        self._home = {service.name: repository for repository in world.repositories for service in repository.services}
        world.landed.hear(self._queue)

    def begin_day(self, day: int) -> None:
        rng, world = self._rng, self._world
        for repository in world.repositories:
            share = activity_share(repository.zone, day)
            for service in repository.services:
                plan = service.blueprint
                week, weekday = divmod(day + 3, 7)  # 1970-01-01 was a Thursday
                is_day = weekday in plan.weekdays and week % plan.every_weeks == 0 and share > 0.1
                if is_day and not plan.continuous and rng.random() < plan.chance * min(1.0, repository.rate):
                    late = (day + 1) * DAY - rng.randrange(1, 6) * MINUTE
                    moment = late if plan.at_night else moment_in(rng, repository.zone, day)
                    world.agenda.at(moment, self._slot, service)
                if plan.source == "release":
                    if share > 0.1 and rng.random() < CANDIDATES_PER_DAY:
                        at = moment_in(rng, repository.zone, day)
                        world.agenda.at(at, channels.prerelease, world, repository, service)
                    continue
                for _ in range(arrivals(rng, plan.staging * share)):
                    world.agenda.at(moment_in(rng, repository.zone, day), self._stage, service)

    # What incidents ask for

    def hold(self, service: Service) -> None:
        """Stop deploying a service until ``release`` has been called as often."""
        service.holds += 1

    def release(self, service: Service) -> None:
        service.holds -= 1
        if service.is_free and service.has_missed_a_slot:
            service.has_missed_a_slot = False
            self._world.agenda.at(self._world.now + self._rng.randrange(3, 20) * MINUTE, self._slot, service)

    def expedite(self, service: Service) -> None:
        """Deploy the newest commit without waiting for the next slot."""
        self._world.agenda.at(self._world.now + self._rng.randrange(4, 15) * MINUTE, self._slot, service, True)

    def can_roll_back(self, service: Service) -> bool:
        return self._last_good(service) is not None

    def roll_back(self, service: Service, on_success: Started) -> None:
        """Deploy the last good older sha again. The caller holds the service."""
        good = self._last_good(service)
        assert good is not None
        assert not service.is_busy
        self._begin(Try(self._home[service.name], service, good.sha, good.place, True, True, on_success=on_success))

    # Choosing what to deploy

    def _queue(self, repository: Repository, landing: Landing) -> None:
        for service in repository.services:
            changes = landing.changes.get(service.name, ())
            service.waiting.extend((landing.place, change) for change in changes)
            if changes and service.blueprint.continuous and self._rng.random() < service.blueprint.chance:
                self._world.agenda.at(self._world.now + self._rng.randrange(6, 22) * MINUTE, self._slot, service)

    def _slot(self, service: Service, is_sure: bool = False) -> None:
        """An opportunity to deploy."""
        if not service.is_free:
            service.has_missed_a_slot = True
            return
        repository = self._home[service.name]
        if service.waiting:
            place, sha = repository.tips[-1] if is_sure else self._tip(repository, service)
            self._begin(Try(repository, service, sha, place, is_sure=is_sure))
        elif service.latest and service.blueprint.source != "release" and self._rng.random() < SAME_AGAIN_SHARE:
            self._begin(Try(repository, service, service.latest.sha, service.latest.place, is_sure=True))

    def _tip(self, repository: Repository, service: Service) -> tuple[int, str]:
        """The newest tip, or now and then one or two before it that still brings something."""
        tips, oldest = repository.tips, service.waiting[0][0]
        behind = self._rng.choice((2, 3)) if self._rng.random() < BEHIND_HEAD_SHARE else 1
        if behind <= len(tips) and tips[-behind][0] >= oldest:
            return tips[-behind]
        return tips[-1]

    def _last_good(self, service: Service) -> Attempt | None:
        for attempt in reversed(service.before):
            if attempt.sha not in service.suspects and attempt.sha != service.running_sha:
                return attempt
        return None

    # One deployment

    def _begin(self, the: Try) -> None:
        the.service.is_busy = True
        channels.begin(self._world, self._rng, the.repository, the.service, the.sha, the.is_rollback, self._start, the)

    def _start(self, the: Try, attempt: Attempt, ends_in: int, end: channels.End) -> None:
        """An attempt has begun: decide how it goes, and wait for it."""
        attempt.place = the.place
        record_attempt(self._world.store, attempt)
        chance, broken = self._rng.random(), the.service.blueprint.broken_attempt_share
        outcome: Outcome = "success"
        if not the.is_sure and the.service.latest and attempt.source != "release":
            if chance < broken and the.lap < 3:
                outcome = "failure"
            elif chance > 1 - the.service.blueprint.cancelled_share and the.lap == 1:
                outcome = "cancelled"
        self._world.agenda.at(self._world.now + ends_in, self._end, the, attempt, outcome, end)

    def _end(self, the: Try, attempt: Attempt, outcome: Outcome, end: channels.End) -> None:
        attempt.outcome, attempt.ended_at = outcome, self._world.now
        again = end(outcome)
        if outcome == "success":
            self._succeed(the, attempt)
        elif outcome == "failure" and self._rng.random() < RETRY_SHARE:
            the.lap += 1
            self._world.agenda.at(self._world.now + self._rng.randrange(4, 40) * MINUTE, again, self._start, the)
        else:
            self._give_up(the.service)
        record_attempt(self._world.store, attempt)

    def _give_up(self, service: Service) -> None:
        service.is_busy = False
        if service.blueprint.continuous or self._rng.random() < 0.5:
            self._world.agenda.at(self._world.now + self._rng.randrange(25, 180) * MINUTE, self._slot, service)

    def _succeed(self, the: Try, attempt: Attempt) -> None:
        service = the.service
        service.is_busy = False
        if attempt.sha != service.running_sha:
            attempt.is_deployment = True
            attempt.is_first = service.latest is None
            attempt.is_rollback = the.is_rollback
            self._ship(service, attempt)
            attempt.is_unplanned = the.is_rollback or any(change.is_rework for change in attempt.shipped)
            if service.latest and service.latest.sha not in {each.sha for each in service.before}:
                service.before.append(service.latest)
            service.latest, service.running_sha = attempt, attempt.sha
            self._world.deployed.tell(service, attempt)
            attempt.shipped.clear()
        if the.on_success:
            the.on_success(attempt)
        if service.is_free and service.has_missed_a_slot:
            service.has_missed_a_slot = False
            self._world.agenda.at(self._world.now + self._rng.randrange(2, 9) * MINUTE, self._slot, service)

    def _ship(self, service: Service, attempt: Attempt) -> None:
        waiting = service.waiting
        while waiting and waiting[0][0] <= attempt.place:
            _, change = waiting.popleft()
            change.deployed = attempt
            attempt.shipped.append(change)
            record_change(self._world.store, change)

    def _stage(self, service: Service) -> None:
        repository = self._home[service.name]
        channels.stage(self._world, self._rng, repository, service, repository.tips[-1][1])

    def write_waiting(self) -> None:
        """At the end: what is merged and not yet shipped."""
        for repository in self._world.repositories:
            for service in repository.services:
                for _, change in service.waiting:
                    record_change(self._world.store, change)
