"""Jobs of workflow runs: what REST shows as jobs and GraphQL as the check runs of a run's check suite."""

from collections.abc import Iterable

from roosevelt_pipeline.sandbox.records import Doc


def jobs_of(run: Doc) -> list[Doc]:
    """The jobs of one attempt of a run: those that its document names, else one that went as the run did.

    Each has ``id``, ``name``, ``status``, ``conclusion``, ``started_at``, ``completed_at`` and
    ``deployment_id``, besides the run's own facts.
    """
    about = {name: run[name] for name in ("repository_id", "run_attempt", "head_sha", "head_branch")}
    about |= {"run_id": run["id"], "workflow_name": run["name"], "deployment_id": None}
    return [{**about, "created_at": run["run_started_at"], **job} for job in run.get("jobs") or [_only_job(run)]]


def latest(jobs: Iterable[Doc]) -> list[Doc]:
    """Of jobs of one name the newest, as GitHub's filter ``LATEST`` shows them."""
    newest = {job["name"]: job for job in sorted(jobs, key=lambda job: int(job["id"]))}
    return sorted(newest.values(), key=lambda job: int(job["id"]))


def _only_job(run: Doc) -> Doc:
    deployed: Doc = run.get("deploy_job") or {}
    done = run["status"] == "completed"
    return {
        "id": deployed.get("id") or run["id"] * 10 + run["run_attempt"],
        "name": run["name"].lower(),
        "status": run["status"],
        "conclusion": run["conclusion"] if done else None,
        "started_at": run["run_started_at"],
        "completed_at": run["updated_at"] if done else None,
        "deployment_id": deployed.get("deployment_id"),
    }
