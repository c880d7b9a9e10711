"""A deployment, as another CI system tells it, to a record: one per deployment and phase of it.

``started`` and ``finished`` of one deployment are two records, so that neither overwrites the
other in whatever order they come; a later word on the same phase replaces the earlier one.
"""

import json

from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.warehouse.records import Record

REQUIRED = ("environment", "status")
STATUSES = {
    word: status
    for status, words in {
        "success": ("success", "succeeded", "successful", "passed", "ok"),
        "failure": ("failure", "failed", "error", "errored", "timed_out"),
        "cancelled": ("cancelled", "canceled", "aborted"),
        "in_progress": ("in_progress", "started", "running", "pending", "queued"),
    }.items()
    for word in words
}


def read_event(cells: Cells) -> Record:
    """A row as it lands. Only the columns that settings name are read: nothing of a person gets past here.

    Raises:
        Unfit: the row cannot be kept.
    """
    service, repository = cells.text("service"), cells.text("repository")
    if service is None and repository is None:
        raise Unfit(None, "names neither a service nor a repository")
    status = cells.choice("status", STATUSES)
    if status is None:
        raise cells.unfit("status", "is empty")
    started_at, finished_at = _times(cells, status)
    environment, sha, attempt = cells.required("environment"), cells.sha("sha"), cells.count("attempt", least=1) or 1
    key = cells.text("id") or f"{sha or '-'}@{started_at or finished_at}"
    phase = "started" if status == "in_progress" else "finished"
    target = (service or repository or "").lower()
    payload = {
        "service": service,
        "repository": repository,
        "environment": environment,
        "id": key,
        "attempt": attempt,
        "sha": sha,
        "status": status,
        "started_at": started_at,
        "finished_at": finished_at,
        "url": cells.url("url"),
    }
    return Record(json.dumps([target, environment, key, attempt, phase], ensure_ascii=False), payload)


def _times(cells: Cells, status: str) -> tuple[str | None, str | None]:
    started_at, finished_at = cells.instant("started_at"), cells.instant("finished_at")
    if status == "in_progress" and started_at is None:
        raise cells.unfit("started_at", "is empty, and the deployment is under way")
    if status != "in_progress" and finished_at is None:
        raise cells.unfit("finished_at", "is empty, and the deployment has ended")
    if started_at and finished_at and finished_at < started_at:
        raise cells.unfit("finished_at", "is before the deployment started")
    return started_at, finished_at
