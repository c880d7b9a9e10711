"""How a deployment shows on GitHub: deployments with a run behind them, runs alone, releases.

Each channel begins an attempt, tells ``started`` about it, and gives back how to end it.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from roosevelt_pipeline.sandbox.builds import end_run, rerun, start_run
from roosevelt_pipeline.sandbox.entities import Attempt, Outcome, Repository, Service
from roosevelt_pipeline.sandbox.people import CI_APP
from roosevelt_pipeline.sandbox.rhythm import HOUR, MINUTE, iso
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.world import World

Again = Callable[..., None]
"""Tries once more; takes ``started`` and what is handed on to it."""
End = Callable[[Outcome], Again]
"""Ends an attempt with an outcome."""
Started = Callable[[Any, Attempt, int, End], None]

STAGING_WORKFLOW = "Deploy to staging"
_STATES: dict[Outcome, str] = {"success": "SUCCESS", "failure": "FAILURE", "cancelled": "ERROR"}
_CONCLUSIONS: dict[Outcome, str] = {"success": "success", "failure": "failure", "cancelled": "cancelled"}


def begin(
    world: World, rng: Random, repository: Repository, service: Service, sha: str, is_rollback: bool, started: Started,
    handed_on: Any,
) -> None:  # fmt: skip
    """Begin to deploy a sha to production through the service's channel."""
    if service.blueprint.source == "release":
        _release(world, rng, repository, service, sha, started, handed_on)
        return
    actor = repository.someone(rng, world.now // 86_400, service.blueprint.team).account_id
    event = "push" if service.blueprint.continuous and not is_rollback else "workflow_dispatch"
    # A rollback is dispatched on the tag of the version that it goes back to.
    branch = f"deploy-{sha[:7]}" if is_rollback else "main"
    run = start_run(
        world, repository, repository.blueprint.deploy_workflow, event=event, sha=sha, branch=branch, actor=actor
    )
    _attempt(world, rng, repository, service, run, started, handed_on)


def stage(world: World, rng: Random, repository: Repository, service: Service, sha: str) -> None:
    """Deploy to staging, which counts for nothing."""
    actor = world.machines[CI_APP].id
    run = start_run(world, repository, STAGING_WORKFLOW, event="push", sha=sha, branch="main", actor=actor)
    environment = service.blueprint.environment.replace("production", "staging")
    doc = _deployment(world, repository, run, sha, environment)
    outcome: Outcome = "failure" if rng.random() < 0.1 else "success"
    world.agenda.at(
        world.now + rng.randrange(2, 9) * MINUTE, _end_deployment, world, repository, service, run, doc, outcome
    )


def prerelease(world: World, repository: Repository, service: Service) -> None:
    """Publish a release candidate, which counts for nothing."""
    major, minor = service.version
    doc = _release_doc(world, repository, repository.head, f"v{major}.{minor + 1}.0-rc.{world.now // HOUR % 97}")
    doc.update(is_draft=False, is_prerelease=True, published_at=iso(world.now))
    world.store.put("releases", doc, repository_id=repository.id)
    _tag(world, repository, doc)


def _attempt(
    world: World, rng: Random, repository: Repository, service: Service, run: Doc, started: Started, handed_on: Any
) -> None:
    def again(started: Started, handed_on: Any) -> None:
        _attempt(world, rng, repository, service, rerun(world, run), started, handed_on)

    plan, sha, length = service.blueprint, run["head_sha"], rng.randrange(2 * MINUTE, 12 * MINUTE)
    if plan.source == "workflow_run":
        attempt = Attempt(repository.name, service.name, plan.source, run["id"], run["run_attempt"], "production", sha,
                          world.now, 0)  # fmt: skip

        def end_of_run(outcome: Outcome) -> Again:
            end_run(world, run, _CONCLUSIONS[outcome])
            return again

        started(handed_on, attempt, length, end_of_run)
        return

    def create() -> None:
        doc = _deployment(world, repository, run, sha, plan.environment)
        attempt = Attempt(repository.name, service.name, plan.source, doc["id"], 1, plan.environment, sha, world.now, 0)

        def end(outcome: Outcome) -> Again:
            _end_deployment(world, repository, service, run, doc, outcome)
            return again

        started(handed_on, attempt, length, end)

    world.agenda.at(world.now + rng.randrange(4, 40), create)


def _deployment(world: World, repository: Repository, run: Doc, sha: str, environment: str) -> Doc:
    doc: Doc = {
        "id": world.ids.next("deployment"), "repository_id": repository.id, "created_at": iso(world.now),
        "updated_at": iso(world.now), "task": "deploy", "environment": environment, "sha": sha,
        "ref": run["head_branch"], "creator_id": world.machines[CI_APP].id, "state": "PENDING", "statuses": [],
    }  # fmt: skip
    run["deploy_job"] = {"id": world.ids.next("job"), "deployment_id": doc["id"]}
    log_url = f"https://github.com/helios-labs/{repository.name}/actions/runs/{run['id']}/job/{run['deploy_job']['id']}"
    world.hold("deployments", doc, repository.id)
    _set_status(world, doc, "IN_PROGRESS", log_url)
    return doc


def _end_deployment(
    world: World, repository: Repository, service: Service, run: Doc, doc: Doc, outcome: Outcome
) -> None:
    """Set the last status. A success makes the environment's deployment before it inactive."""
    log_url = doc["statuses"][0]["log_url"]
    _set_status(world, doc, _STATES[outcome], log_url)
    world.agenda.at(world.now + 5, end_run, world, run, _CONCLUSIONS[outcome])
    if outcome != "success":
        world.finish("deployments", doc, repository.id)
        return
    before = service.live.get(doc["environment"])
    service.live[doc["environment"]] = doc
    if before:
        _set_status(world, before, "INACTIVE", before["statuses"][0]["log_url"])
        world.finish("deployments", before, repository.id)


def _set_status(world: World, doc: Doc, state: str, log_url: str) -> None:
    doc["statuses"].append(
        {
            "id": world.ids.next("status"), "state": state, "created_at": iso(world.now),
            "environment": doc["environment"], "log_url": log_url, "creator_id": world.machines[CI_APP].id,
        }
    )  # fmt: skip
    doc.update(state=state, updated_at=iso(world.now))


def _release(
    world: World, rng: Random, repository: Repository, service: Service, sha: str, started: Started, handed_on: Any
) -> None:
    """Draft a release and publish it some hours later; only then is it an attempt."""
    major, minor = service.version
    service.version = (major, minor + 1)
    doc = _release_doc(world, repository, sha, f"v{major}.{minor + 1}.0")
    world.hold("releases", doc, repository.id)
    # A release exists for its readers from the moment it is published.
    wait = rng.randrange(20, 240) * MINUTE

    def publish() -> None:
        attempt = Attempt(repository.name, service.name, "release", doc["id"], 1, "production", sha, world.now, 0)

        def end(_: Outcome) -> Again:
            doc.update(is_draft=False, published_at=iso(world.now), updated_at=iso(world.now))
            world.finish("releases", doc, repository.id)
            _tag(world, repository, doc)
            return lambda *_: None

        started(handed_on, attempt, 0, end)

    world.agenda.at(world.now + wait, publish)


def _tag(world: World, repository: Repository, release: Doc) -> None:
    """Publishing makes the tag, a lightweight one, if there is none."""
    tag = {"repository_id": repository.id, "name": release["tag_name"], "oid": release["oid"], "tagged_at": None}
    world.store.put("tags", tag)


def _release_doc(world: World, repository: Repository, sha: str, tag: str) -> Doc:
    return {
        "id": world.ids.next("release"), "tag_name": tag, "name": f"{repository.name} {tag}", "is_draft": True,
        "is_prerelease": False, "created_at": iso(world.now), "published_at": None, "updated_at": iso(world.now),
        "oid": sha, "author_id": world.machines[CI_APP].id,
    }  # fmt: skip
