"""The documented rules, applied to what GitHub shows and to nothing else.

Written apart from the simulator and from the pipeline: where its verdicts differ from the
truth that the simulator wrote down, the company was played so that nobody could know.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatch
from itertools import pairwise
from typing import Any

from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import DeploymentRule, Settings

Doc = dict[str, Any]
WINDOW = timedelta(hours=24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(eq=False)
class Tried:
    """An attempt as GitHub shows it."""

    key: tuple[str, str, int, int]
    sha: str
    outcome: str
    ended_at: str | None
    is_deployment: bool = False
    is_first: bool = False
    is_rollback: bool = False
    ships: list["Brought"] = field(default_factory=list)
    incidents: list[Doc] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    mends: dict[str, "Tried | None"] = field(default_factory=dict)

    @property
    def method(self) -> str | None:
        if not self.is_deployment:
            return None
        order = ("explicit", "revert", "rollback", "hotfix", "time")
        return next((method for method in order if method in self.links or method in self.mends), None)

    @property
    def recovered_at(self) -> str | None:
        if self.incidents:
            closed = [incident["closed_at"] for incident in self.incidents]
            return None if None in closed else max(closed)
        fixes = [self.mends[method] for method in ("revert", "rollback", "hotfix") if self.mends.get(method)]
        return fixes[0].ended_at if self.method and fixes and fixes[0] else None

    @property
    def is_unplanned(self) -> bool:
        return self.is_deployment and (self.is_rollback or any(change.is_rework for change in self.ships))


@dataclass(eq=False)
class Brought:
    """A change of one service."""

    sha: str
    number: int | None
    is_rework: bool
    undoes: str | None
    """A pull request as ``#12``, or a sha."""
    pull_request: Doc | None = None
    shipped_by: Tried | None = None


class Judge:
    """Judges one company. ``tried`` and ``changes`` hold the verdicts by service."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.names = {doc["id"]: doc["name"] for doc in store.each("repositories")}
        self.tried: dict[str, list[Tried]] = defaultdict(list)
        self.changes: dict[str, list[Brought]] = defaultdict(list)
        self.verdicts: dict[tuple[str, int], tuple[str | None, Tried | None]] = {}
        self.commits: dict[int, dict[str, Doc]] = defaultdict(dict)
        self.pull_requests: dict[int, list[Doc]] = defaultdict(list)
        self.issues: dict[int, list[Doc]] = defaultdict(list)
        for row in store.rows("select repository_id, doc from commits order by position"):
            commit = json.loads(row["doc"])
            self.commits[row["repository_id"]][commit["oid"]] = commit
        for doc in store.each("pull_requests"):
            self.pull_requests[doc["repository_id"]].append(doc)
        for doc in store.each("issues"):
            if "incident" in doc["labels"]:
                self.issues[doc["repository_id"]].append(doc)
        for repository_id in self.names:
            self._judge(repository_id)

    def services(self, repository_id: int) -> list[str]:
        return [each.name for each in self.settings.services if each.repository == self.names[repository_id]]

    def _judge(self, repository_id: int) -> None:
        rule = next(
            rule
            for rule in self.settings.deployments
            if any(fnmatch(self.names[repository_id], pattern) for pattern in rule.repositories)
        )
        self._gather_attempts(repository_id, rule)
        for service in self.services(repository_id):
            self._gather_changes(repository_id, service)
            self._settle(self.tried[service])
            self._ship(repository_id, service)
            self._see_reverts(service)
            self._see_rollbacks(service)
            self._see_hotfixes(service)
            self._see_incidents(repository_id, service)

    # Attempts

    def _gather_attempts(self, repository_id: int, rule: DeploymentRule) -> None:
        conclusions = {}
        for run in self.store.each("workflow_runs"):
            if run["repository_id"] != repository_id:
                continue
            conclusions[run["id"]] = run["conclusion"]
            if rule.sources == ("workflow_run",) and run["name"] in rule.workflows:
                known = {"success": "success", "cancelled": "cancelled", None: "in_progress"}
                outcome = known.get(run["conclusion"], "failure")
                ended = None if outcome == "in_progress" else run["updated_at"]
                (service,) = self.services(repository_id)
                key = (service, "workflow_run", run["id"], run["run_attempt"])
                self.tried[service].append(Tried(key, run["head_sha"], outcome, ended))
        if "github_deployment" in rule.sources:
            for doc in self.store.each("deployments"):
                if doc["repository_id"] == repository_id:
                    self._add_deployment(repository_id, rule, doc, conclusions)
        if "release" in rule.sources:
            for row in self.store.rows("select doc from releases where repository_id = ?", (repository_id,)):
                doc = json.loads(row["doc"])
                (service,) = self.services(repository_id)
                if not doc["is_draft"] and not doc["is_prerelease"]:
                    key = (service, "release", doc["id"], 1)
                    self.tried[service].append(Tried(key, doc["oid"], "success", doc["published_at"]))

    def _add_deployment(self, repository_id: int, rule: DeploymentRule, doc: Doc, conclusions: Doc) -> None:
        if not any(fnmatch(doc["environment"], pattern) for pattern in rule.environments):
            return
        services = [each for each in self.settings.services if each.repository == self.names[repository_id]]
        service = next(
            each.name for each in services if not each.environments or doc["environment"] in each.environments
        )
        states = {status["state"]: status["created_at"] for status in reversed(doc["statuses"])}
        run_id = int(re.findall(r"/runs/(\d+)/", doc["statuses"][0]["log_url"])[0])
        if "SUCCESS" in states:
            outcome, ended = "success", states["SUCCESS"]
        elif "FAILURE" in states or "ERROR" in states:
            ended = states.get("FAILURE") or states["ERROR"]
            outcome = "cancelled" if conclusions[run_id] == "cancelled" else "failure"
        else:
            outcome, ended = "in_progress", None
        key = (service, "github_deployment", doc["id"], 1)
        self.tried[service].append(Tried(key, doc["sha"], outcome, ended))

    def _settle(self, tried: list[Tried]) -> None:
        """Consecutive successes of one sha are one deployment; a sha seen before is a rollback."""
        seen: list[str] = []
        for each in sorted((each for each in tried if each.outcome == "success"), key=lambda each: each.ended_at or ""):
            if seen and seen[-1] == each.sha:
                continue
            each.is_deployment, each.is_first, each.is_rollback = True, not seen, each.sha in seen
            seen.append(each.sha)

    def deployments(self, service: str) -> list[Tried]:
        return sorted(
            (each for each in self.tried[service] if each.is_deployment), key=lambda each: each.ended_at or ""
        )

    # Changes

    def _gather_changes(self, repository_id: int, service: str) -> None:
        paths = next(each.paths for each in self.settings.services if each.name == service)
        commits = self.commits[repository_id]
        incidents = {issue["number"] for issue in self.issues[repository_id]}
        taken: set[str] = set()
        for doc in self.pull_requests[repository_id]:
            if doc["state"] != "MERGED":
                continue
            if doc["base_ref"] == "main":
                taken |= {commit["oid"] for commit in doc["commits"]} | self._landed(commits, doc)
            if not paths or any(file.startswith(paths) for file in doc["files"]):
                self.changes[service].append(self._from_pull_request(doc, incidents))
        for oid, commit in commits.items():
            if oid not in taken:
                sha = re.search(r"This reverts commit ([0-9a-f]{40})", commit["message"])
                undoes = sha[1] if sha else None
                self.changes[service].append(Brought(oid, None, bool(sha), undoes))

    def _landed(self, commits: dict[str, Doc], doc: Doc) -> set[str]:
        """The merge commit, and before it those that a rebase made of the branch's."""
        landed, oid = {doc["merge_commit_oid"]}, doc["merge_commit_oid"]
        authored = {commit["authored_at"] for commit in doc["commits"]}
        while len(commits[oid]["parents"]) == 1 and commits[oid]["authored_at"] in authored:
            landed.add(oid)
            oid = commits[oid]["parents"][0]
        return landed

    def _from_pull_request(self, doc: Doc, incidents: set[int]) -> Brought:
        undone = re.search(r"Reverts helios-labs/[\w-]+#(\d+)", doc["body"])
        closes = {int(number) for number in re.findall(r"Fixes #(\d+)", doc["body"])}
        is_hotfix = "hotfix" in doc["labels"] or doc["head_ref"].startswith("hotfix/")
        return Brought(
            doc["merge_commit_oid"], doc["number"], bool(undone) or is_hotfix or bool(closes & incidents),
            f"#{undone[1]}" if undone else None, doc,
        )  # fmt: skip

    def _ship(self, repository_id: int, service: str) -> None:
        commits, seen = self.commits[repository_id], set[str]()
        on_branch = {change.sha: change for change in self.changes[service]}
        for deployment in self.deployments(service):
            ahead = [deployment.sha]
            while ahead:
                oid = ahead.pop()
                if oid in seen:
                    continue
                seen.add(oid)
                ahead += commits[oid]["parents"]
                if oid in on_branch:
                    self._give(on_branch[oid], deployment)
        by_commit = {
            commit["oid"]: doc for doc in self.pull_requests[repository_id] for commit in doc["commits"]
            if doc["state"] == "MERGED"
        }  # fmt: skip
        for change in self.changes[service]:
            doc = change.pull_request
            while doc and doc["base_ref"] != "main" and doc["merge_commit_oid"] in by_commit:
                doc = by_commit[doc["merge_commit_oid"]]
            if doc and doc is not change.pull_request and doc["merge_commit_oid"] in on_branch:
                carrier = on_branch[doc["merge_commit_oid"]].shipped_by
                if carrier:
                    self._give(change, carrier)

    def _give(self, change: Brought, deployment: Tried) -> None:
        change.shipped_by = deployment
        deployment.ships.append(change)

    # Failures

    def _see_reverts(self, service: str) -> None:
        for deployment in self.deployments(service):
            for change in deployment.ships:
                if change.undoes:
                    undone = [each for each in self.changes[service] if change.undoes in (f"#{each.number}", each.sha)]
                    for original in undone:
                        if original.shipped_by and original.shipped_by is not deployment:
                            original.shipped_by.mends.setdefault("revert", deployment)

    def _see_rollbacks(self, service: str) -> None:
        deployments = self.deployments(service)
        for failed, following in pairwise(deployments):
            if following.is_rollback:
                failed.mends["rollback"] = following

    def _see_hotfixes(self, service: str) -> None:
        paths = next(each.paths for each in self.settings.services if each.name == service)
        repository = next(each.repository for each in self.settings.services if each.name == service)
        (repository_id,) = [number for number, name in self.names.items() if name == repository]
        for doc in self.pull_requests[repository_id]:
            is_hotfix = "hotfix" in doc["labels"] or doc["head_ref"].startswith("hotfix/")
            if is_hotfix and (not paths or any(file.startswith(paths) for file in doc["files"])):
                target = self._just_before(service, doc["created_at"])
                if target:
                    shipped = [each.shipped_by for each in self.changes[service] if each.number == doc["number"]]
                    if not target.mends.get("hotfix"):
                        target.mends["hotfix"] = shipped[0] if shipped else None

    def _just_before(self, service: str, moment: str) -> Tried | None:
        ended = [each for each in self.deployments(service) if each.ended_at and each.ended_at < moment]
        return ended[-1] if ended and at(moment) - at(ended[-1].ended_at or "") <= WINDOW else None

    def _see_incidents(self, repository_id: int, service: str) -> None:
        services = self.services(repository_id)
        for issue in self.issues[repository_id]:
            labelled = [label.partition(":")[2] for label in issue["labels"] if label.startswith("service:")]
            if (labelled or services)[0] != service:
                continue
            key = (self.names[repository_id], issue["number"])
            if issue["state_reason"] in ("DUPLICATE", "NOT_PLANNED"):
                self.verdicts[key] = (None, None)
                continue
            target, method = self._named(service, issue["body"]), "explicit"
            if target is None and "external" not in issue["labels"]:
                target, method = self._just_before(service, issue["created_at"]), "time"
            self.verdicts[key] = (method, target) if target else (None, None)
            if target:
                target.links.add(method)
                target.incidents.append(issue)

    def _named(self, service: str, body: str) -> Tried | None:
        ids = {int(number) for number in re.findall(r"(?:Deployment: |/deployments/)(\d+)", body)}
        shas = set(re.findall(r"\b[0-9a-f]{40}\b", body))
        numbers = {int(number) for number in re.findall(r"Caused by #(\d+)", body)}
        for deployment in self.deployments(service):
            named = deployment.key[2] in ids or deployment.sha in shas
            if named or any(change.number in numbers or change.sha in shas for change in deployment.ships):
                return deployment
        return None
