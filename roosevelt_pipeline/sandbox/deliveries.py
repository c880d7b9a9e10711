"""Webhook deliveries as GitHub would send them, for whatever became different between two states of the company."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from roosevelt_pipeline.sandbox.limits import UNLIMITED, RateLimiter
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import ORGANIZATION_ID, Doc, Records
from roosevelt_pipeline.sandbox.rest_api import accounts, deployments, issues, pull_requests, repositories
from roosevelt_pipeline.sandbox.rest_api import workflow_runs as runs
from roosevelt_pipeline.sandbox.rest_api.exchange import Call
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.tokens import Token

API = "https://api.github.com"
_KEYS = {"workflow_runs": ("id", "run_attempt")}


@dataclass(frozen=True)
class Delivery:
    """One delivery. Sent again it keeps its number."""

    event: str
    payload: Mapping[str, Any] = field(repr=False)
    number: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def body(self) -> bytes:
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode()

    def headers(self, secret: str) -> dict[str, str]:
        body, key = self.body, secret.encode()
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0a1b2c3",
            "X-GitHub-Delivery": self.number,
            "X-GitHub-Event": self.event,
            "X-Hub-Signature": f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
        }

    def send(self, url: str, secret: str) -> int:
        """Deliver it; the status that came back, 0 if none did. GitHub does not try again, and neither does this."""
        request = urllib.request.Request(url, self.body, self.headers(secret), method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (a test's own address)
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@dataclass(frozen=True)
class Hook:
    """Where the sandbox's GitHub delivers, as an organisation's webhook is set up."""

    url: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, entry: Any) -> "Hook":
        """Read one from JSON.

        Raises:
            ValueError: it is not ``{"url": ..., "secret": ...}``.
        """
        match entry:
            case {"url": str(url), "secret": str(secret)} if url.startswith(("http://", "https://")) and secret:
                return cls(url, secret)
        raise ValueError('a hook reads {"url": "http://...", "secret": "..."}')

    def tell(self, before: Store, after: Store) -> list[int]:
        """Deliver what became different; the statuses that came back."""
        return [one.send(self.url, self.secret) for one in deliveries(before, after)]


def deliveries(before: Store, after: Store) -> Iterator[Delivery]:
    """What GitHub would have sent in between, in no particular order of time.

    As on GitHub, no word comes of a deployment that became inactive.
    """
    records, old = Records(after), Records(before)
    for repository in old.repositories():
        if records.repository(repository["id"]) is None:
            yield _delivery(old, repository, "repository", "deleted")
    for repository in records.repositories():
        former = old.repository(repository["id"])
        if former is None or former["name"] != repository["name"]:
            yield _delivery(records, repository, "repository", "created" if former is None else "renamed")
        for table, tell in _TELLERS.items():
            for known, doc in _differences(before, after, table, repository["id"]):
                yield from tell(records if doc else old, repository, known, doc)
        if _commits(before, repository["id"]) != _commits(after, repository["id"]):
            ref = f"refs/heads/{repository['default_branch']}"
            yield _delivery(records, repository, "push", ref=ref, after=repository["head_oid"], deleted=False)
    yield from _teams(old, records)


def _differences(
    before: Store, after: Store, table: str, repository_id: int
) -> Iterator[tuple[Doc | None, Doc | None]]:
    """Objects of a repository that appeared, changed or vanished: as they were, and as they are."""
    query, keys = f"select doc from {table} where repository_id = ? order by rowid", _KEYS.get(table, ("id",))
    was, now = (
        {tuple(doc[key] for key in keys): doc for doc in store.docs(query, (repository_id,))}
        for store in (before, after)
    )
    for key in {**was, **now}:
        if was.get(key) != now.get(key):
            yield was.get(key), now.get(key)


def _commits(store: Store, repository_id: int) -> list[Any]:
    return [tuple(row) for row in store.rows("select oid from commits where repository_id = ?", (repository_id,))]


def _call(records: Records, repository: Doc, **parts: int) -> Call:
    named = {name: str(value) for name, value in parts.items()}
    return Call(API, "/", {}, named, records, Token(), RateLimiter(UNLIMITED), repository)


def _delivery(records: Records, repository: Doc | None, event: str, action: str | None = None, **rest: Any) -> Delivery:
    call = _call(records, repository or {})
    about = {"repository": repositories.listed(call, repository)} if repository else {}
    said = {"action": action} if action else {}
    return Delivery(event, said | rest | about | {"organization": accounts.owner(call), "sender": accounts.owner(call)})


def _pull_request(records: Records, repository: Doc, was: Doc | None, doc: Doc | None) -> Iterator[Delivery]:
    if doc is None:
        return  # only GitHub's support can delete one
    call = _call(records, repository, number=doc["number"])
    shape = pull_requests.get_pull_request(call).body
    action = "opened" if was is None else "closed" if was["state"] == "OPEN" != doc["state"] else "edited"
    yield _delivery(records, repository, "pull_request", action, number=doc["number"], pull_request=shape)
    known = {review["id"] for review in (was or {}).get("reviews", ())}
    for review in pull_requests.list_reviews(call).body:
        if review["id"] not in known:
            yield _delivery(records, repository, "pull_request_review", "submitted", review=review, pull_request=shape)
    if len(doc["comments"]) > len((was or {}).get("comments", ())):
        as_issue = issues.get_issue(call).body
        yield _delivery(records, repository, "issue_comment", "created", issue=as_issue, comment={"body": "words"})


def _issue(records: Records, repository: Doc, was: Doc | None, doc: Doc | None) -> Iterator[Delivery]:
    shown = doc or was
    assert shown is not None
    shape = issues.get_issue(_call(records, repository, number=shown["number"])).body
    action = "deleted" if doc is None else "opened" if was is None else "edited"
    yield _delivery(records, repository, "issues", action, issue=shape)


def _deployment(records: Records, repository: Doc, was: Doc | None, doc: Doc | None) -> Iterator[Delivery]:
    if doc is None:
        return  # of this GitHub sends no word
    call = _call(records, repository, deployment_id=doc["id"])
    shape = deployments.get_deployment(call).body
    if was is None:
        yield _delivery(records, repository, "deployment", "created", deployment=shape)
    known = {status["id"] for status in (was or {}).get("statuses", ())}
    for status in deployments.list_statuses(call).body:
        if status["id"] not in known and status["state"] != "inactive":
            yield _delivery(
                records, repository, "deployment_status", "created", deployment=shape, deployment_status=status
            )


def _run(records: Records, repository: Doc, _: Doc | None, doc: Doc | None) -> Iterator[Delivery]:
    if doc is not None:
        shape = runs.get_attempt(_call(records, repository, run_id=doc["id"], attempt=doc["run_attempt"])).body
        action = "completed" if doc["status"] == "completed" else "in_progress"
        yield _delivery(records, repository, "workflow_run", action, workflow_run=shape)


def _release(records: Records, repository: Doc, was: Doc | None, doc: Doc | None) -> Iterator[Delivery]:
    shown = doc or was
    assert shown is not None
    action = "deleted" if doc is None else "published" if was is None else "edited"
    shape = deployments.release(_call(records, repository), shown)
    yield _delivery(records, repository, "release", action, release=shape)


def _teams(old: Records, records: Records) -> Iterator[Delivery]:
    was, now = ({doc["id"]: doc for doc in each.select("select doc from teams")} for each in (old, records))
    for number in {**was, **now}:
        if was.get(number) == now.get(number):
            continue
        team = now.get(number) or was[number]
        shape = {"id": number, "node_id": global_id("Team", ORGANIZATION_ID, number), "slug": team["slug"]}
        if number in was and number in now:
            yield _delivery(records, None, "membership", "removed", scope="team", team=shape | {"name": team["name"]})
        else:
            yield _delivery(records, None, "team", "created" if number in now else "deleted", team=shape)


_TELLERS = {
    "pull_requests": _pull_request,
    "issues": _issue,
    "deployments": _deployment,
    "workflow_runs": _run,
    "releases": _release,
}
