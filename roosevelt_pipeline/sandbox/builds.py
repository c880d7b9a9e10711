"""Workflow runs: continuous integration, and the runs that deploy."""

from roosevelt_pipeline.sandbox.entities import Landing, PullRequest, Repository
from roosevelt_pipeline.sandbox.people import CI_APP
from roosevelt_pipeline.sandbox.rhythm import DAY, MINUTE, iso
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.world import World

RED_SHARE = 0.09
CANCELLED_SHARE = 0.03
RERUN_SHARE = 0.5
PUSH_BUILD_SHARE = 0.45


def start_run(
    world: World, repository: Repository, workflow: str, *, event: str, sha: str, branch: str, actor: int | None
) -> Doc:
    """Start a run; ``end_run`` ends it and ``rerun`` tries it again."""
    repository.run_numbers[workflow] = repository.run_numbers.get(workflow, 0) + 1
    run: Doc = {
        "id": world.ids.next("run"), "run_attempt": 1, "repository_id": repository.id,
        "workflow_id": repository.workflows[workflow], "name": workflow, "path": workflow_path(workflow),
        "event": event, "status": "in_progress", "conclusion": None, "head_sha": sha, "head_branch": branch,
        "created_at": iso(world.now), "run_started_at": iso(world.now), "updated_at": iso(world.now), "actor_id": actor,
        "run_number": repository.run_numbers[workflow],
    }  # fmt: skip
    world.hold("workflow_runs", run, repository.id, 1)
    return run


def end_run(world: World, run: Doc, conclusion: str) -> None:
    run.update(status="completed", conclusion=conclusion, updated_at=iso(world.now))
    world.finish("workflow_runs", run, run["repository_id"], run["run_attempt"])


def rerun(world: World, run: Doc) -> Doc:
    """The next attempt of a run: same run, started now."""
    again = {
        **run, "run_attempt": run["run_attempt"] + 1, "status": "in_progress", "conclusion": None,
        "run_started_at": iso(world.now), "updated_at": iso(world.now), "deploy_job": None,
    }  # fmt: skip
    world.hold("workflow_runs", again, run["repository_id"], again["run_attempt"])
    return again


def workflow_path(workflow: str) -> str:
    return f".github/workflows/{workflow.lower().replace(' ', '-')}.yml"


class Builds:
    """Plays continuous integration on pull requests and on the default branch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance("builds")
        world.opened.hear(self._check)
        world.pushed.hear(self._check)
        world.landed.hear(self._check_default_branch)

    def begin_day(self, day: int) -> None:
        """What else is built follows others; one repository is built every night over midnight."""
        for repository in self._world.repositories:
            if repository.blueprint.nightly:
                self._world.agenda.at((day + 1) * DAY - self._rng.randrange(1, 3 * MINUTE), self._nightly, repository)

    def _nightly(self, repository: Repository) -> None:
        self._build(repository, "schedule", repository.head, "main", self._world.machines[CI_APP].id)

    def _check(self, pull_request: PullRequest) -> None:
        doc = pull_request.doc
        self._build(pull_request.repository, "pull_request", doc["head_oid"], doc["head_ref"], doc["author_id"])

    def _check_default_branch(self, repository: Repository, landing: Landing) -> None:
        if repository.blueprint.ci_on_push and self._rng.random() < PUSH_BUILD_SHARE:
            self._build(repository, "push", landing.oid, "main", self._world.machines[CI_APP].id)

    def _build(self, repository: Repository, event: str, sha: str, branch: str, actor: int | None) -> None:
        run = start_run(self._world, repository, "CI", event=event, sha=sha, branch=branch, actor=actor)
        self._end_later(run)

    def _end_later(self, run: Doc) -> None:
        self._world.agenda.at(self._world.now + self._rng.randrange(3 * MINUTE, 15 * MINUTE), self._end, run)

    def _end(self, run: Doc) -> None:
        chance = self._rng.random()
        if chance >= RED_SHARE + CANCELLED_SHARE:
            end_run(self._world, run, "success")
        elif chance >= RED_SHARE:
            end_run(self._world, run, "cancelled")
        else:
            end_run(self._world, run, "failure")
            if self._rng.random() < RERUN_SHARE:
                self._world.agenda.at(self._world.now + self._rng.randrange(5, 60) * MINUTE, self._again, run)

    def _again(self, run: Doc) -> None:
        self._end_later(rerun(self._world, run))
