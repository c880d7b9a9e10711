"""Companies made by arithmetic: so many of everything, as heavy as an ordinary one, in a second or two.

The simulated company of the demo tells stories; here only number and weight matter. The
same sizes give the same company, and everything happens in the weeks before ``PRESENT``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from roosevelt_pipeline.sandbox.store import Store

PRESENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORGANIZATION = "bench"
PEOPLE = 60
MACHINE = 900
WORKFLOWS = (("CI", "ci.yml"), ("Deploy", "deploy.yml"))


@dataclass(frozen=True)
class Size:
    """How many of each a repository holds. Every hundredth run was started twice."""

    pull_requests: int
    commits: int
    deployments: int
    runs: int
    issues: int = 20
    releases: int = 12


@dataclass(frozen=True)
class Place:
    """A repository of a company, and the numbers from which its ids are made."""

    id: int
    size: Size

    @property
    def name(self) -> str:
        return f"service-{self.id}"

    @property
    def base(self) -> int:
        return self.id * 10_000_000

    def at(self, number: int, total: int, minutes: int = 0) -> str:
        """The instant of the ``number``-th of ``total`` things: spread over 400 days, the last an hour ago.

        What comes after them happens minute by minute after the present.
        """
        if number > total:
            moment = PRESENT + timedelta(minutes=number - total)
        else:
            moment = PRESENT - timedelta(hours=1) - timedelta(days=400) * ((total - number) / max(total, 1))
        return f"{moment + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def oid(repository: int, number: int) -> str:
    return f"{repository:08x}{number:032x}"


def company(*sizes: Size, store: Store | None = None) -> Store:
    """A company of one repository for each size, numbered from 1."""
    made = store or Store.open()
    _people(made)
    for number, size in enumerate(sizes, start=1):
        _repository(made, Place(number, size))
    made.index()
    return made


def put_head(store: Store, place: Place, commits: int, pushed_at: str | None = None) -> None:
    """The repository as it stands when its branch has so many commits."""
    now = pushed_at or place.at(commits, commits)
    store.put("repositories", {
        "id": place.id, "owner": ORGANIZATION, "name": place.name, "created_at": "2020-01-01T00:00:00Z",
        "pushed_at": now, "updated_at": now, "default_branch": "main", "head_oid": oid(place.id, commits) if commits
        else None, "is_archived": False, "is_private": True, "language": "Python",
    })  # fmt: skip


def pull_request(place: Place, number: int, **changes: Any) -> dict[str, Any]:
    """Merged, with three commits, two reviews, two labels and two events: about 3 kB on its page."""
    total, key = place.size.pull_requests, place.base + number
    author, reviewers = 1 + number % PEOPLE, (1 + (number + 7) % PEOPLE, 1 + (number + 11) % PEOPLE)
    merged, created = place.at(number, total, 50), place.at(number, total)
    return {
        "id": key, "repository_id": place.id, "number": number, "title": f"Change what {number} does",
        "body": "Why, how, and what was turned down. " * 12 + f"Closes #{number}", "state": "MERGED",
        "is_draft": False, "created_at": created, "updated_at": merged, "closed_at": merged, "merged_at": merged,
        "merge_method": "squash", "additions": number % 400, "deletions": number % 90, "changed_files": 3,
        "base_ref": "main", "head_ref": f"topic-{number}", "head_oid": oid(place.id, 10**7 + 3 * number),
        "merge_commit_oid": oid(place.id, number), "author_id": author, "merged_by_id": reviewers[0],
        "labels": [f"area/{number % 9}", f"size/{number % 5}"],
        "commits": [
            {"oid": oid(place.id, 10**7 + 3 * number - back), "authored_at": place.at(number, total, -90 - back),
             "committed_at": place.at(number, total, -60 - back), "author_id": author, "message": "Step by step"}
            for back in (2, 1, 0)
        ],
        "reviews": [
            {"id": 10 * key + turn, "state": state, "submitted_at": place.at(number, total, 10 + 20 * turn),
             "author_id": reviewers[turn], "comments_count": 1 - turn}
            for turn, state in enumerate(("COMMENTED", "APPROVED"))
        ],
        "comments": [{"id": 10 * key + 5, "created_at": created, "author_id": author}],
        "timeline": [
            {"id": 10 * key + 6, "type": "READY_FOR_REVIEW_EVENT", "created_at": place.at(number, total, 2)},
            {"id": 10 * key + 7, "type": "REVIEW_REQUESTED_EVENT", "created_at": place.at(number, total, 3)},
        ],
        "review_requests": [], "files": [f"src/part_{number % 40}/file_{part}.py" for part in range(3)],
    } | changes  # fmt: skip


def commit(place: Place, number: int, **changes: Any) -> dict[str, Any]:
    author = 1 + number % PEOPLE
    return {
        "oid": oid(place.id, number), "authored_at": place.at(number, place.size.commits, -30),
        "committed_at": place.at(number, place.size.commits), "message": f"Change {number}\n\nWith reasons. " * 3,
        "additions": number % 300, "deletions": number % 80, "changed_files": 2, "author_id": author,
        "author_name": f"Person {author}", "author_email": f"person-{author}@bench.test",
        "parents": [oid(place.id, number - 1)] if number > 1 else [], "files": ["src/a.py", "src/b.py"],
    } | changes  # fmt: skip


def deployment(place: Place, number: int) -> dict[str, Any]:
    """In production, with three statuses: begun, ended well, replaced. The last one still stands."""
    total, key = place.size.deployments, place.base + number
    statuses = [("IN_PROGRESS", 1), ("SUCCESS", 4)] + ([] if number >= total else [("INACTIVE", 9)])
    return {
        "id": key, "repository_id": place.id, "created_at": place.at(number, total),
        "updated_at": place.at(number, total, statuses[-1][1]), "task": "deploy", "environment": "production",
        "sha": oid(place.id, 1 + number * max(1, place.size.commits - 1) // max(1, total)), "ref": "main",
        "creator_id": MACHINE, "state": statuses[-1][0],
        "statuses": [
            {"id": 10 * key + place_, "state": state, "created_at": place.at(number, total, minutes),
             "environment": "production", "creator_id": MACHINE,
             "log_url": f"https://github.com/{ORGANIZATION}/{place.name}/actions/runs/{place.base + number}/job/1"}
            for place_, (state, minutes) in enumerate(statuses)
        ],
    }  # fmt: skip


def run(place: Place, number: int, attempt: int = 1, /, **changes: Any) -> dict[str, Any]:
    which = int(number % 10 == 0)
    name, file = WORKFLOWS[which]
    again = 60 * (attempt - 1)
    return {
        "id": place.base + number, "run_attempt": attempt, "repository_id": place.id,
        "workflow_id": 10 * place.id + which, "name": name, "path": f".github/workflows/{file}", "event": "push",
        "status": "completed", "conclusion": "success", "run_number": number,
        "head_sha": oid(place.id, 1 + number * max(1, place.size.commits - 1) // max(1, place.size.runs)),
        "head_branch": "main", "created_at": place.at(number, place.size.runs),
        "run_started_at": place.at(number, place.size.runs, again),
        "updated_at": place.at(number, place.size.runs, again + 6), "actor_id": 1 + number % PEOPLE,
    } | changes  # fmt: skip


def issue(place: Place, number: int) -> dict[str, Any]:
    key, opened, closed = place.base + number, place.at(number, 20), place.at(number, 20, 40)
    return {
        "id": key, "repository_id": place.id, "number": 1_000_000 + number, "title": f"Outage {number}",
        "body": f"Deployment: {place.base + number}", "state": "CLOSED", "state_reason": "COMPLETED",
        "created_at": opened, "updated_at": closed, "closed_at": closed, "author_id": 1 + number % PEOPLE,
        "labels": ["incident", "sev2"], "events": [
            {"id": 10 * key, "type": "LABELED_EVENT", "created_at": opened, "label": "incident"},
            {"id": 10 * key + 1, "type": "CLOSED_EVENT", "created_at": closed, "label": None},
        ],
    }  # fmt: skip


def release(place: Place, number: int) -> dict[str, Any]:
    at = place.at(number, 12)
    return {
        "id": place.base + number, "tag_name": f"v1.{number}", "name": f"Release {number}", "is_draft": False,
        "is_prerelease": False, "created_at": at, "published_at": at, "updated_at": at,
        "oid": oid(place.id, number), "author_id": 1,
    }  # fmt: skip


def _people(made: Store) -> None:
    for number in range(1, PEOPLE + 1):
        name = f"person-{number}"
        made.put("accounts", {"id": number, "login": name, "name": name.title(), "email": f"{name}@bench.test",
                              "kind": "User", "team": f"team-{number % 5}"})  # fmt: skip
    made.put("accounts", {"id": MACHINE, "login": "github-actions[bot]", "name": "github-actions[bot]",
                          "email": "actions@bench.test", "kind": "Bot", "team": None})  # fmt: skip
    for team in range(5):
        members = [{"account_id": one, "role": "MEMBER"} for one in range(1, PEOPLE + 1) if one % 5 == team]
        made.put("teams", {"id": 1 + team, "slug": f"team-{team}", "name": f"Team {team}", "parent_slug": None,
                           "members": members})  # fmt: skip


def _repository(made: Store, place: Place) -> None:
    size = place.size
    put_head(made, place, size.commits)
    for which, (name, file) in enumerate(WORKFLOWS):
        doc = {"id": 10 * place.id + which, "name": name, "path": f".github/workflows/{file}", "state": "active"}
        made.put("workflows", doc, repository_id=place.id)
    for number in range(1, size.pull_requests + 1):
        made.put("pull_requests", pull_request(place, number))
    for number in range(1, size.commits + 1):
        made.put("commits", commit(place, number), repository_id=place.id, position=number)
    for number in range(1, size.deployments + 1):
        made.put("deployments", deployment(place, number))
    for number in range(1, size.runs + 1):
        made.put("workflow_runs", run(place, number))
        if number % 100 == 0:
            made.put("workflow_runs", run(place, number, 2))
    for number in range(1, size.issues + 1):
        made.put("issues", issue(place, number))
    for number in range(1, size.releases + 1):
        made.put("releases", release(place, number), repository_id=place.id)
