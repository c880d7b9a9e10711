"""A company that lives on while it is read: seeded changes of everything that the pipeline follows.

Written against the store alone. ``truth`` says what a reader must end up with, and asks none of our readers.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.store import Store
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, BOB, oid

Doc = dict[str, Any]
PULLS, COMMITS, DEPLOYMENTS, RUNS, ISSUES, RELEASES = 30, 110, 12, 105, 12, 4


def small_store() -> Store:
    """The hand-made company, of just so many objects that the long lists have two pages."""
    store = handmade.store()
    for table, key, most in (
        ("pull_requests", "number", PULLS),
        ("commits", "position", COMMITS),
        ("deployments", "id - 40000", DEPLOYMENTS),
        ("workflow_runs", "id - 9000", RUNS),
        ("issues", "number - 1000", ISSUES),
        ("releases", "id - 50000", RELEASES),
    ):
        store.connection.execute(f"delete from {table} where {key} > {most}")
    store.put("repositories", handmade.repository(API, "api", oid(COMMITS)))
    store.flush()
    return store


class LivingCompany:
    """Changes a company at random, but only as GitHub could.

    Attributes:
        moves: what happened, in order, for the message of a failure.
        once: natural keys by stream that existed at some time; they may remain in raw.
    """

    def __init__(self, state: SandboxState, random: Random, now: datetime) -> None:
        self.state, self.random, self.now = state, random, now
        self.store = state.store
        self.moves: list[str] = []
        self.name, self._number = "api", 5_000
        self.once: dict[str, set[str]] = {}
        self.state.now, self.state.renamed = now, {}
        self._remember()

    def move(self) -> None:
        """Let one thing happen."""
        self.now += timedelta(seconds=self.random.randrange(1, 400))
        self.state.now = self.now
        happens: Callable[[], None] = self.random.choice(
            [
                self._open_pull_request, self._merge, self._review, self._review, self._relabel, self._push, self._push,
                self._merge_old_commits, self._force_push, self._deploy, self._end_deployment, self._run, self._end_run,
                self._rerun, self._delete_run, self._open_issue, self._change_issue, self._delete_issue, self._release,
                self._rename,
            ]
        )  # fmt: skip
        happens()
        self.moves.append(happens.__name__.strip("_"))
        self._remember()

    def later(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        self.state.now = self.now

    @property
    def at(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _some(self, table: str, where: str = "1") -> Doc | None:
        docs = self.store.docs(f"select doc from {table} where {where}")
        return self.random.choice(docs) if docs else None

    def _put(self, table: str, doc: Doc, **columns: Any) -> None:
        self.store.put(table, doc, **columns)
        self.store.flush()

    # Pull requests and commits

    def _open_pull_request(self) -> None:
        number = self._next()
        opened = {"created_at": self.at, "updated_at": self.at, "state": "OPEN", "closed_at": None, "merged_at": None}
        self._put("pull_requests", handmade.pull_request(number) | opened | {"merge_commit_oid": None, "reviews": []})

    def _merge(self) -> None:
        doc = self._some("pull_requests", "json_extract(doc, '$.state') = 'OPEN'")
        if doc is not None:
            merge = self._commit([self._head()])
            merged = {"state": "MERGED", "merged_at": self.at, "closed_at": self.at, "updated_at": self.at}
            self._put("pull_requests", doc | merged | {"merge_commit_oid": merge})

    def _review(self) -> None:
        doc = self._some("pull_requests")
        assert doc is not None
        review = {"id": 900_000 + self._next(), "state": "COMMENTED", "submitted_at": self.at, "author_id": BOB}
        self._put("pull_requests", doc | {"reviews": [*doc["reviews"], review], "updated_at": self.at})

    def _relabel(self) -> None:
        doc = self._some("pull_requests")
        assert doc is not None
        self._put("pull_requests", doc | {"labels": [f"label-{self._next()}"], "updated_at": self.at})

    def _push(self) -> None:
        for _ in range(self.random.choice([1, 1, 3, 120])):
            self._commit([self._head()])

    def _merge_old_commits(self) -> None:
        """A branch that was begun long ago: its commits stand in history below those that are known."""
        place = self.random.randrange(1, 60)
        row = self.store.rows("select oid, position from commits order by position limit 1 offset ?", (place,))[0]
        side = self._commit([row["oid"]], position=row["position"] + self.random.random() / 2, old=True)
        self._commit([self._head(), side])

    def _force_push(self) -> None:
        """The newest commits are replaced by others."""
        many = self.random.choice([1, 3])
        rows = self.store.rows("select oid, position from commits order by position desc limit ?", (many + 1,))
        head = rows[-1]["oid"]
        if len(self._parents(head)) > 1:
            return
        for row in rows[:-1]:
            self.store.connection.execute("delete from commits where oid = ?", (row["oid"],))
        self.store.connection.commit()
        self._commit([head])

    def _parents(self, oid: str) -> list[str]:
        found: list[str] = self.store.docs("select doc from commits where oid = ?", (oid,))[0]["parents"]
        return found

    def _head(self) -> str:
        return str(self.store.rows("select oid from commits order by position desc limit 1")[0]["oid"])

    def _commit(self, parents: list[str], position: float | None = None, *, old: bool = False) -> str:
        number = 1_000_000 + self._next()
        top = self.store.rows("select max(position) as top from commits")[0]["top"]
        doc = handmade.commit(1) | {"oid": oid(number), "parents": parents, "additions": number % 97}
        doc["committed_at"] = doc["committed_at"] if old else self.at
        self.store.put("commits", doc, repository_id=API, position=top + 1 if position is None else position)
        self.store.flush()
        repository = handmade.repository(API, self.name, self._head()) | {"pushed_at": self.at}
        self._put("repositories", repository)
        return oid(number)

    # Deployments and runs

    def _deploy(self) -> None:
        number = self._next()
        status = self._status("IN_PROGRESS")
        begun = {"created_at": self.at, "updated_at": self.at, "state": "IN_PROGRESS", "statuses": [status]}
        self._put("deployments", handmade.deployment(1) | {"id": 40_000 + number} | begun)

    def _end_deployment(self) -> None:
        doc = self._some("deployments", "json_extract(doc, '$.state') = 'IN_PROGRESS'")
        if doc is None:
            return
        state = self.random.choice(["SUCCESS", "SUCCESS", "FAILURE", "ERROR"])
        before = self._some("deployments", "json_extract(doc, '$.state') = 'SUCCESS'") if state == "SUCCESS" else None
        for one, into in ((doc, state), (before, "INACTIVE")):
            if one is not None:
                changed = {"state": into, "statuses": [*one["statuses"], self._status(into)], "updated_at": self.at}
                self._put("deployments", one | changed)

    def _status(self, state: str) -> Doc:
        return {
            "id": 400_000 + self._next(), "state": state, "created_at": self.at, "environment": "production",
            "creator_id": BOB, "log_url": None,
        }  # fmt: skip

    def _run(self) -> None:
        number = self._next()
        begun = {"id": 9000 + number, "created_at": self.at, "run_started_at": self.at, "updated_at": self.at}
        self._put("workflow_runs", handmade.workflow_run(1) | begun | {"status": "in_progress", "conclusion": None})

    def _end_run(self) -> None:
        doc = self._some("workflow_runs", "json_extract(doc, '$.status') = 'in_progress'")
        if doc is not None:
            self._put("workflow_runs", doc | {"status": "completed", "conclusion": "success", "updated_at": self.at})

    def _rerun(self) -> None:
        doc = self._some("workflow_runs", "json_extract(doc, '$.status') = 'completed'")
        if doc is None:
            return
        newest = "select max(run_attempt) as last from workflow_runs where id = ?"
        last = self.store.rows(newest, (doc["id"],))[0]["last"]
        if last == doc["run_attempt"]:
            again = {"run_attempt": last + 1, "run_started_at": self.at, "updated_at": self.at, "conclusion": "failure"}
            self._put("workflow_runs", doc | again)

    def _delete_run(self) -> None:
        doc = self._some("workflow_runs")
        assert doc is not None
        self.store.remove("workflow_runs", doc["id"])

    # Issues, releases, names

    def _open_issue(self) -> None:
        number = self._next()
        label = self.random.choice(["incident", "question"])
        opened = {"created_at": self.at, "updated_at": self.at, "closed_at": None, "state": "OPEN", "labels": [label]}
        self._put("issues", handmade.issue(3) | {"id": 30_000 + number, "number": number} | opened | {"events": []})

    def _change_issue(self) -> None:
        doc = self._some("issues")
        if doc is None:
            return
        closed = {"state": "CLOSED", "closed_at": self.at, "state_reason": "COMPLETED"}
        change = self.random.choice([closed, {"labels": ["incident"]}, {"labels": ["question"]}])
        self._put("issues", doc | change | {"updated_at": self.at})

    def _delete_issue(self) -> None:
        doc = self._some("issues")
        if doc is not None:
            self.store.remove("issues", doc["id"])

    def _release(self) -> None:
        number = 50_000 + self._next()
        new = {
            "id": number,
            "created_at": self.at,
            "published_at": self.at,
            "updated_at": self.at,
            "tag_name": f"v{number}",
        }
        self._put("releases", handmade.release(1) | new, repository_id=API)

    def _rename(self) -> None:
        if self.random.random() < 0.5:
            old, self.name = self.name, f"api-{self._next()}"
            self.state.renamed = {**dict.fromkeys(self.state.renamed, self.name), old: self.name}
            self._put("repositories", self.store.doc("repositories", API) | {"name": self.name, "updated_at": self.at})

    # What is so

    def truth(self) -> dict[str, dict[str, Any]]:
        """By stream and natural key, what must stand in raw: of each object what can change."""
        each = self.store.docs
        commits = {doc["oid"]: doc for doc in each("select doc from commits")}
        return {
            "github_repositories": {str(API): self.name},
            "github_pull_requests": {
                str(doc["id"]): [
                    doc["state"], doc["updated_at"], doc["merged_at"], sorted(doc["labels"]),
                    [review["id"] for review in doc["reviews"]],
                ]
                for doc in each("select doc from pull_requests")
            },
            "github_commits": {
                f"{API}:{oid}": [commits[oid]["parents"], commits[oid]["additions"]] for oid in self._reachable(commits)
            },
            "github_deployments": {
                # GraphQL calls active what succeeded and still stands.
                str(doc["id"]): [
                    {"SUCCESS": "ACTIVE"}.get(doc["state"], doc["state"]),
                    [status["state"] for status in doc["statuses"]],
                ]
                for doc in each("select doc from deployments")
            },
            "github_workflow_runs": {
                f"{doc['id']}:{doc['run_attempt']}": [doc["status"], doc["conclusion"], doc["updated_at"]]
                for doc in each("select doc from workflow_runs")
            },
            "github_issues": {
                str(doc["id"]): [doc["state"], doc["labels"], doc["updated_at"]]
                for doc in each("select doc from issues")
                if "incident" in doc["labels"]
            },
            "github_releases": {str(doc["id"]): doc["tag_name"] for doc in each("select doc from releases")},
        }  # fmt: skip

    def _reachable(self, commits: dict[str, Doc]) -> set[str]:
        waiting, found = [self._head()], set()
        while waiting:
            if (one := waiting.pop()) not in found:
                found.add(one)
                waiting += commits[one]["parents"]
        return found

    def _remember(self) -> None:
        for stream, there in self.truth().items():
            self.once.setdefault(stream, set()).update(there)


def told(stream: str, payload: Doc) -> Any:
    """The same of a payload in raw."""
    return {
        "github_repositories": lambda: payload["name"],
        "github_pull_requests": lambda: [
            payload["state"], payload["updated_at"], payload["merged_at"], payload["labels"],
            [review["review_id"] for review in payload["reviews"]],
        ],
        "github_commits": lambda: [payload["parents"], payload["additions"]],
        "github_deployments": lambda: [payload["state"], [status["state"] for status in payload["statuses"]]],
        "github_workflow_runs": lambda: [payload["status"], payload["conclusion"], payload["updated_at"]],
        "github_issues": lambda: [payload["state"], payload["labels"], payload["updated_at"]],
        "github_releases": lambda: payload["tag_name"],
    }[stream]()  # fmt: skip
