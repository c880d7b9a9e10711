"""What deployments break, and how anyone would know.

A plot is chosen the moment a deployment ends. It knows the cause from the start; the evidence
comes to light one event at a time. While only time tells which deployment is to blame, the
service's deployments are held, as people do who look for a fault.
"""

from collections.abc import Callable, Container

from roosevelt_pipeline.sandbox.delivery import Delivery
from roosevelt_pipeline.sandbox.development import Development
from roosevelt_pipeline.sandbox.entities import Attempt, Change, Incident, PullRequest, Repository, Service
from roosevelt_pipeline.sandbox.issues import Issues
from roosevelt_pipeline.sandbox.repairs import Repairs
from roosevelt_pipeline.sandbox.rhythm import DAY, HOUR, MINUTE
from roosevelt_pipeline.sandbox.truth import record_attempt
from roosevelt_pipeline.sandbox.world import World

FALSE_ALARM_SHARE = 0.02
DUPLICATE_SHARE = 0.2
SECOND_INCIDENT_SHARE = 0.12
EXPEDITED_SHARE = 0.85

Plot = Callable[[Repository, Service, Attempt], None]


class Incidents:
    """Plays what goes wrong after a deployment, and how it is put right."""

    def __init__(
        self, world: World, development: Development, delivery: Delivery, issues: Issues, bad_days: Container[int] = ()
    ) -> None:
        self._world = world
        self._bad_days = bad_days
        self._rng = world.chance("incidents")
        self._development = development
        self._delivery = delivery
        self._issues = issues
        self._repairs = Repairs(world, self._rng, issues, development)
        self._home = {service.name: repository for repository in world.repositories for service in repository.services}
        world.deployed.hear(self._look_at)
        world.merged.hear(self._hurry)

    def begin_day(self, day: int) -> None:
        """Plots begin with deployments, not with days."""

    def _hurry(self, pull_request: PullRequest) -> None:
        """What was written in haste does not wait for the next slot; a release waits unless it is a hotfix."""
        if pull_request.is_urgent and self._rng.random() < EXPEDITED_SHARE:
            for service in pull_request.services:
                if service.blueprint.source != "release" or pull_request.is_hotfix:
                    self._delivery.expedite(service)

    # After each deployment

    def _look_at(self, service: Service, attempt: Attempt) -> None:
        """See what a deployment mends, then whether it breaks something itself."""
        for change in attempt.shipped:
            self._note_mending(change, attempt)
        doomed = any(change.is_doomed for change in attempt.shipped)
        if attempt.is_first or attempt.is_unplanned or doomed or not attempt.shipped:
            return
        chance = self._rng.random()
        if chance < service.blueprint.failure_share or self._world.now // DAY in self._bad_days:
            self._begin_plot(self._home[service.name], service, attempt)
        elif chance > 1 - FALSE_ALARM_SHARE:
            self._false_alarm(self._home[service.name], service, attempt)

    def _note_mending(self, change: Change, attempt: Attempt) -> None:
        undone = change.undoes.deployed if change.undoes else None
        if undone and undone is not attempt and undone.reverted_by is None:
            undone.reverted_by = attempt
            record_attempt(self._world.store, undone)
        mended = change.pull_request.mends if change.pull_request else None
        if mended and mended.hotfixed_by is None:
            mended.hotfixed_by = attempt
            record_attempt(self._world.store, mended)

    def _begin_plot(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        plots: list[tuple[Plot, float]] = [(self._named, 0.32), (self._noticed, 0.22), (self._mended_hot, 0.14)]
        if _culprit(attempt):
            plots += [(self._named_and_reverted, 0.08), (self._reverted, 0.14)]
        if self._delivery.can_roll_back(service) and attempt.source != "release":
            plots.append((self._rolled_back, 0.16))
        service.suspects.add(attempt.sha)
        plot = self._rng.choices([plot for plot, _ in plots], [weight for _, weight in plots])[0]
        plot(repository, service, attempt)

    # Plots

    def _named(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """An incident names what caused it, soon or days later."""
        detected = self._repairs.detection(service) if self._rng.random() < 0.75 else self._rng.randrange(1, 6) * DAY
        body = self._accusation(repository, attempt)
        self._repairs.later(detected, self._open_and_repair, repository, service, body, attempt)

    def _named_and_reverted(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """Two pieces of evidence: an incident that names it, and a revert."""
        culprit, body = _culprit(attempt), self._accusation(repository, attempt)
        assert culprit is not None

        def accuse() -> None:
            incident = self._issues.open_incident(repository, service, body, suspect=attempt, link="explicit")
            fixes = incident if self._rng.random() < 0.6 else None
            self._repairs.later(self._rng.randrange(10, 60) * MINUTE, self._development.revert, culprit, fixes)
            if fixes is None:
                self._repairs.close_by_hand(service, incident)

        self._repairs.later(self._repairs.detection(service), accuse)

    def _reverted(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """A revert, by button or by hand; sometimes with an incident that only time ties to it."""
        culprit = _culprit(attempt)
        assert culprit is not None

        def take_back(incident: Incident | None) -> None:
            if incident:
                self._repairs.close_by_hand(service, incident)
            by_hand = not repository.blueprint.is_monorepo and self._rng.random() < 0.3
            if by_hand:
                self._development.revert_by_hand(culprit)
            else:
                self._development.revert(culprit)

        if self._rng.random() < 0.4:
            self._open_while_held(repository, service, attempt, take_back)
        else:
            self._repairs.later(self._repairs.detection(service), take_back, None)

    def _rolled_back(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """The version before is deployed again; an incident may be open by then."""
        self._delivery.hold(service)
        incidents: list[Incident] = []

        def report() -> None:
            incidents.append(self._issues.open_incident(repository, service, "", suspect=attempt, link="time"))

        def recovered(rollback: Attempt) -> None:
            attempt.rolled_back_by = rollback
            record_attempt(self._world.store, attempt)
            self._delivery.release(service)
            for incident in incidents:
                self._repairs.later(self._rng.randrange(2, 50) * MINUTE, self._issues.close, incident)

        detected = min(self._repairs.detection(service), 4 * HOUR)
        if self._rng.random() < 0.5:
            self._repairs.later(detected, report)
        self._repairs.later(
            detected + self._rng.randrange(4, 30) * MINUTE, self._delivery.roll_back, service, recovered
        )

    def _mended_hot(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """A hotfix is opened before anything else is deployed, and shipped at once."""

        def opened(_: PullRequest) -> None:
            attempt.has_hotfix = True
            record_attempt(self._world.store, attempt)
            self._delivery.release(service)

        def mend(incident: Incident | None) -> None:
            self._development.fix(
                service, repository, incident, mends=attempt, hotfix=True, within=2 * HOUR, on_opened=opened
            )

        self._delivery.hold(service)
        if self._rng.random() < 0.5:
            self._open_while_held(repository, service, attempt, mend)
        else:
            self._repairs.later(self._repairs.detection(service), mend, None)

    def _noticed(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """Only an incident soon after tells; people mend it by hand or with an ordinary fix."""

        def repair(incident: Incident) -> None:
            self._repairs.repair(repository, service, incident)

        self._open_while_held(repository, service, attempt, repair)

    def _false_alarm(self, repository: Repository, service: Service, attempt: Attempt) -> None:
        """People blame a sound deployment until they know better."""
        self._delivery.hold(service)

        def cry_wolf() -> None:
            incident = self._issues.open_incident(repository, service, "", suspect=attempt, link="time")
            self._delivery.release(service)
            self._repairs.later(self._rng.randrange(1, 6) * HOUR, self._issues.close, incident, "NOT_PLANNED")

        self._repairs.later(self._repairs.detection(service), cry_wolf)

    # Pieces of plots

    def _open_while_held(
        self, repository: Repository, service: Service, attempt: Attempt, then: Callable[[Incident], None]
    ) -> None:
        """Hold the service until an incident is open that its time alone ties to the deployment."""
        self._delivery.hold(service)

        def report() -> None:
            incident = self._issues.open_incident(repository, service, "", suspect=attempt, link="time")
            then(incident)
            self._echo(repository, service, attempt, incident)

        self._repairs.later(self._repairs.detection(service), report)

    def _echo(self, repository: Repository, service: Service, attempt: Attempt, incident: Incident) -> None:
        """Others report the same: a duplicate, or a second incident of its own. Then the hold ends."""
        chance, wait = self._rng.random(), self._rng.randrange(2, 20) * MINUTE

        def report_again(is_duplicate: bool) -> None:
            body = f"Same as #{incident.number}?" if is_duplicate else ""
            other = self._issues.open_incident(repository, service, body, suspect=attempt, link="time")
            self._delivery.release(service)
            if is_duplicate:
                self._repairs.later(self._rng.randrange(5, 90) * MINUTE, self._issues.close, other, "DUPLICATE")
            else:
                self._repairs.close_by_hand(service, other)

        if chance < DUPLICATE_SHARE + SECOND_INCIDENT_SHARE:
            self._repairs.later(wait, report_again, chance < DUPLICATE_SHARE)
        else:
            self._delivery.release(service)

    def _open_and_repair(self, repository: Repository, service: Service, body: str, attempt: Attempt) -> None:
        incident = self._issues.open_incident(repository, service, body, suspect=attempt, link="explicit")
        self._repairs.repair(repository, service, incident)

    def _accusation(self, repository: Repository, attempt: Attempt) -> str:
        """What an incident says about its cause: the deployment, the sha, or a pull request it shipped."""
        ways = []
        if attempt.source == "github_deployment":
            address = f"https://github.com/helios-labs/{repository.name}/deployments/{attempt.source_id}"
            ways += [f"Deployment: {attempt.source_id}", f"Began with {address} it seems."]
        if not repository.blueprint.is_monorepo:
            ways.append(f"Broken since {attempt.sha}.")
        culprit = _culprit(attempt)
        if culprit:
            ways.append(f"Caused by #{culprit.number}")
        return self._rng.choice(ways or [f"Broken since {attempt.sha}."])


def _culprit(attempt: Attempt) -> PullRequest | None:
    """A pull request of this service alone that the deployment was the first to ship."""
    for change in attempt.shipped:
        candidate = change.pull_request
        if candidate and not candidate.parent and not candidate.stacked and len(candidate.services) == 1:
            return candidate
    return None
