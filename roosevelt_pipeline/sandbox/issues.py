"""Issues: incidents and bugs as they are opened, labelled, closed, and opened again."""

from roosevelt_pipeline.sandbox import wording
from roosevelt_pipeline.sandbox.entities import Attempt, Incident, LinkMethod, PullRequest, Repository, Service
from roosevelt_pipeline.sandbox.people import PAGER_APP
from roosevelt_pipeline.sandbox.rhythm import DAY, iso
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.truth import record_attempt, record_incident
from roosevelt_pipeline.sandbox.world import World

SEVERITIES = (("sev1", "critical", 0.1), ("sev2", "high", 0.3), ("sev3", "medium", 0.4), ("sev4", "low", 0.2))
SEVERITY_OF_LABEL = {label: severity for label, severity, _ in SEVERITIES}
PAGED_SHARE = 0.3


class Issues:
    """Keeps the issues of all repositories. Each is written anew whenever something happens to it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance("issues")
        world.merged.hear(self._close_by_merge)

    def open_incident(
        self, repository: Repository, service: Service, body: str, *, suspect: Attempt | None = None,
        link: LinkMethod | None = None, external: bool = False,
    ) -> Incident:  # fmt: skip
        """Open an incident of a service.

        Args:
            suspect: the deployment that is to blame, as far as anyone knows now.
            link: how the issue lets a reader know: by naming it, or by its time alone.
        """
        label = self._severity()
        labels = ["incident", label]
        if repository.blueprint.is_monorepo:
            labels.append(f"service:{service.name}")
        if external:
            labels.append("external")
        incident = Incident(
            self._doc(repository, self._rng.choice(wording.SYMPTOMS), body, labels), repository, service,
            SEVERITY_OF_LABEL[label], self._world.now, is_external=external, suspect=suspect, link=link,
        )  # fmt: skip
        if suspect:
            suspect.incidents.append(incident)
        self._write(incident)
        return incident

    def open_bug(self, repository: Repository) -> Incident:
        bug = Incident(self._doc(repository, f"Bug: {self._rng.choice(wording.THINGS)}", "", ["bug"]), repository)
        bug.opened_at = self._world.now
        self._write(bug)
        return bug

    def grade_again(self, incident: Incident) -> None:
        """Give an open incident another severity."""
        if incident.resolved_at is not None:
            return
        labels = incident.doc["labels"]
        old = next(label for label in labels if label in SEVERITY_OF_LABEL)
        new = self._severity()
        if new == old:
            return
        labels[labels.index(old)] = new
        incident.severity = SEVERITY_OF_LABEL[new]
        self._note(incident, "UNLABELED_EVENT", old)
        self._note(incident, "LABELED_EVENT", new)
        self._write(incident)

    def close(self, incident: Incident, reason: str = "COMPLETED") -> None:
        """Close an issue; as a duplicate or not planned it never was an incident."""
        if incident.resolved_at is not None:
            return
        incident.resolved_at = self._world.now
        incident.is_excluded = reason in ("DUPLICATE", "NOT_PLANNED")
        incident.doc.update(state="CLOSED", state_reason=reason, closed_at=iso(self._world.now))
        self._note(incident, "CLOSED_EVENT")
        self._write(incident)

    def reopen(self, incident: Incident) -> None:
        if incident.resolved_at is None:
            return
        incident.resolved_at = None
        incident.doc.update(state="OPEN", state_reason="REOPENED", closed_at=None)
        self._note(incident, "REOPENED_EVENT")
        self._write(incident)

    def _close_by_merge(self, pull_request: PullRequest) -> None:
        if pull_request.fixes:
            self.close(pull_request.fixes)

    def _severity(self) -> str:
        return self._rng.choices([label for label, _, _ in SEVERITIES], [share for *_, share in SEVERITIES])[0]

    def _doc(self, repository: Repository, title: str, body: str, labels: list[str]) -> Doc:
        world, now = self._world, self._world.now
        author = repository.someone(self._rng, now // DAY, repository.services[0].blueprint.team).account_id
        if "incident" in labels and self._rng.random() < PAGED_SHARE:
            author = world.machines[PAGER_APP].id
        number = repository.next_number()
        events = [
            {"id": world.ids.next("event"), "type": "LABELED_EVENT", "created_at": iso(now), "label": label}
            for label in labels
        ]
        return {
            "id": world.ids.next("issue"), "repository_id": repository.id, "number": number, "title": title,
            "body": body, "url": f"https://github.com/helios-labs/{repository.name}/issues/{number}",
            "state": "OPEN", "state_reason": None, "created_at": iso(now), "updated_at": iso(now), "closed_at": None,
            "author_id": author, "labels": labels, "events": events,
        }  # fmt: skip

    def _note(self, incident: Incident, kind: str, label: str | None = None) -> None:
        event = {"id": self._world.ids.next("event"), "type": kind, "created_at": iso(self._world.now), "label": label}
        incident.doc["events"].append(event)
        incident.doc["updated_at"] = iso(self._world.now)

    def _write(self, incident: Incident) -> None:
        self._world.store.put("issues", incident.doc)
        if incident.is_incident:
            record_incident(self._world.store, incident)
            if incident.suspect:
                record_attempt(self._world.store, incident.suspect)
