"""How other tools read GitHub, each as small as its defect allows: what our scenarios must catch.

None of this is anybody's code; beside each stands the program in which such behaviour was seen.
"""

from collections.abc import Callable, Iterator
from typing import Any

import requests

PULLS = """query Mutant($after: String, $field: IssueOrderField!, $nested: Int!) {
  repository(owner: "acme", name: "api") {
    pullRequests(first: 24, after: $after, orderBy: {field: $field, direction: DESC}) {
      pageInfo { endCursor hasNextPage }
      nodes { number updatedAt closedAt commits(first: $nested) { nodes { commit { oid } } }
        reviews(first: $nested) { nodes { id } } labels(first: $nested) { nodes { name } } } } } }"""
API = "/repos/acme/api"
Node = dict[str, Any]


class Naive(requests.Session):
    """A client that knows nothing of what can go wrong."""

    def __init__(self, url: str, token: str = "sandbox-token") -> None:
        super().__init__()
        self.url = url
        self.headers["Authorization"] = f"Bearer {token}"

    def pulls(self, field: str, until: Callable[[Node], bool] = lambda _node: False) -> list[Node]:
        """Pull requests, newest first, as far as ``until`` lets it read."""
        found: list[Node] = []
        after = None
        while True:
            variables = {"after": after, "field": field, "nested": 100}
            answer = self.post(f"{self.url}/graphql", json={"query": PULLS, "variables": variables}, timeout=10)
            page = answer.json()["data"]["repository"]["pullRequests"]
            for node in page["nodes"]:
                if until(node):
                    return found
                found.append(node)
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    def each(self, path: str, **query: Any) -> Iterator[Node]:
        """A REST list along its ``Link`` headers."""
        answer = self.get(f"{self.url}{path}", params={"per_page": 100, **query}, timeout=10)
        while True:
            answer.raise_for_status()
            document = answer.json()
            yield from document if isinstance(document, list) else document["workflow_runs"]
            if "next" not in answer.links:
                return
            answer = self.get(answer.links["next"]["url"], timeout=10)


def updated_since_but_ordered_by_creation(naive: Naive, floor: str) -> set[int]:
    """Orders by creation and stops at the first that was not updated since (a GraphQL collector of DevLake)."""
    return {node["number"] for node in naive.pulls("CREATED_AT", lambda node: node["updatedAt"] < floor)}


def without_those_closed_before(naive: Naive, floor: str) -> set[int]:
    """Finds what was updated since, and leaves out what was closed before (middleware)."""
    found = naive.pulls("UPDATED_AT", lambda node: node["updatedAt"] < floor)
    return {node["number"] for node in found if node["closedAt"] is None or node["closedAt"] >= floor}


def by_the_issues_that_changed_since(naive: Naive, floor: str) -> set[int]:
    """Asks the list of issues which pull requests changed (perceval's route)."""
    found = naive.each(f"{API}/issues", state="all", since=floor, sort="updated")
    return {node["number"] for node in found if "pull_request" in node}


def the_first_hundred(naive: Naive, number: int) -> dict[str, int]:
    """Asks for 100 of each nested list, and not whether there are more (DevLake; airbyte warns)."""
    node = next(node for node in naive.pulls("UPDATED_AT") if node["number"] == number)
    return {name: len(node[name]["nodes"]) for name in ("commits", "reviews", "labels")}


def completed_runs(naive: Naive, since: str) -> tuple[set[int], str]:
    """Keeps completed runs, and goes on after the newest run met, completed or not (DevLake's run collector)."""
    met = list(naive.each(f"{API}/actions/runs", created=f">{since}"))
    newest = max((run["created_at"] for run in met), default=since)
    return {run["id"] for run in met if run["status"] == "completed"}, newest


def jobs_of_one_page(naive: Naive, run_id: int) -> list[str]:
    """Keeps the first twenty jobs of a run (a batching collector of DevLake)."""
    answer = naive.get(f"{naive.url}{API}/actions/runs/{run_id}/jobs", params={"per_page": 20}, timeout=10)
    return [job["name"] for job in answer.json()["jobs"]]


def runs_of_one_list(naive: Naive, **query: Any) -> int:
    """Believes that a list of runs ends where its pages end."""
    return len({run["id"] for run in naive.each(f"{API}/actions/runs", **query)})


def by_page_number(naive: Naive, path: str, size: int) -> int:
    """Counts pages up itself instead of following the link. Returns how much it met."""
    page = met = 0
    while True:
        page += 1
        query = {"state": "all", "per_page": size, "page": page}
        answer = naive.get(f"{naive.url}{path}", params=query, timeout=10)
        answer.raise_for_status()
        found = answer.json() if isinstance(answer.json(), list) else answer.json()["workflow_runs"]
        if not found:
            return met
        met += len(found)


def seconds_until(answer: requests.Response) -> float:
    """Takes any failure that carries a budget's headers for a budget that is used up (airbyte 2.7.1)."""
    if answer.ok or "x-ratelimit-reset" not in answer.headers:
        return 0
    return int(answer.headers["x-ratelimit-reset"]) - 1_767_225_600


def rows_in_spite_of_everything(naive: Naive, tries: int = 5) -> tuple[int, int]:
    """Gives up with exit code 0 (perceval's command). Returns the exit code and the rows."""
    for _ in range(tries):
        try:
            return 0, sum(1 for _ in naive.each(f"{API}/actions/runs"))
        except requests.HTTPError:
            continue
    return 0, 0


def state_of_a_sync_that_skips(naive: Naive, repository: str) -> str:
    """Skips a repository that answers 404 or 409, and calls the whole complete (airbyte 2.7.1)."""
    answer = naive.get(f"{naive.url}/repos/{repository}/commits", timeout=10)
    return "COMPLETE" if answer.ok or answer.status_code in (404, 409) else "INCOMPLETE"


class Tagged:
    """Keeps entity tags by address, as if they belonged to the address and not to the token."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}

    def paid_for(self, naive: Naive, paths: list[str]) -> int:
        """How many of the addresses had to be sent and paid for again."""
        paid = 0
        for path in paths:
            known = {"If-None-Match": self.tags[path]} if path in self.tags else {}
            answer = naive.get(naive.url + path, headers=known, timeout=10)
            paid += answer.status_code != 304
            self.tags[path] = answer.headers["etag"]
        return paid
