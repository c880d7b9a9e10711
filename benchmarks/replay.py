"""Replays recorded answers, as many as are wanted: ``python -m benchmarks.replay RECORDING PULL_REQUESTS``.

The sandbox executes each query, which takes longer than anything that reads its answer. Where
that would hide what is measured, its answers are recorded once: the one that names the
repositories, and one page of pull requests. Each page that is asked for is the recorded one
with other ids, numbers and times, so that it lands as new.
"""

import json
import sys
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.companies import ORGANIZATION
from benchmarks.places import TOKEN, GitHub
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.pull_requests import PAGE
from roosevelt_pipeline.sources.github.repositories import discover

FIRST = datetime.fromisoformat("2016-01-01T00:00:00+00:00")
APART = timedelta(minutes=45)


def record(server: GitHub, path: Path) -> None:
    """Keep the sandbox's answers about its repositories and the first page of pull requests of the first of them."""
    client = Listener(TOKEN, server.url)
    (repository, *_) = discover(client, Settings(github={"organization": ORGANIZATION}))
    place = {"owner": ORGANIZATION, "name": repository.name, "page": PAGE, "files": False}
    client.graphql("pull_requests", place | {"field": "CREATED_AT", "direction": "ASC"})
    path.write_text(json.dumps(client.heard), encoding="utf-8")


class Listener(GitHubClient):
    """A client that remembers what it was answered, by the name of the query."""

    def __init__(self, token: str, api_url: str) -> None:
        super().__init__(token, api_url)
        self.heard: dict[str, Any] = {}

    def graphql(self, name: str, *asked: Any, **how: Any) -> Answer:
        answer = super().graphql(name, *asked, **how)
        self.heard[name] = answer.document
        return answer


def page_of(template: list[dict[str, Any]], first: int, count: int) -> list[dict[str, Any]]:
    """The recorded pull requests as the ``first``-th and following ones."""
    made = []
    for place in range(count):
        number = first + place
        node = json.loads(json.dumps(template[place]))
        at = f"{FIRST + APART * number:%Y-%m-%dT%H:%M:%SZ}"
        node |= {"id": f"PR_{number:016x}", "fullDatabaseId": str(10**9 + number), "number": number}
        node |= {"headRefOid": f"{3 * number:040x}", "createdAt": at, "updatedAt": at, "closedAt": at, "mergedAt": at}
        node["mergeCommit"] = {"oid": f"{number:040x}", "committedDate": at}
        for turn, item in enumerate(node["commits"]["nodes"]):
            item["commit"] |= {"oid": f"{10**12 + 3 * number - turn:040x}", "authoredDate": at, "committedDate": at}
        for turn, review in enumerate(node["reviews"]["nodes"]):
            review |= {"fullDatabaseId": str(10**10 + 10 * number + turn), "submittedAt": at}
        made.append(node)
    return made


class Handler(BaseHTTPRequestHandler):
    """Answers the two queries, and the doors through which a sandbox tells what it was asked."""

    protocol_version = "HTTP/1.1"
    recorded: ClassVar[dict[str, Any]] = {}
    total: ClassVar[int] = 0
    asked: ClassVar[int] = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).asked += 1
        if "query PullRequests" not in body["query"]:
            self._send(self._repositories())
            return
        first, page = int(body["variables"].get("after") or 0), body["variables"]["page"]
        answer = json.loads(json.dumps(self.recorded["pull_requests"]))
        found = answer["data"]["repository"]["pullRequests"]
        count = min(page, self.total - first)
        found["nodes"] = page_of(found["nodes"], first, count)
        found["pageInfo"] = {"endCursor": str(first + count), "hasNextPage": first + count < self.total}
        self._send(answer)

    def do_GET(self) -> None:
        counts = {"requests": self.asked, "points": self.asked, "bytes": 0}
        self._send({"core": counts | {"requests": 0}, "graphql": counts, "operations": {}})

    def do_DELETE(self) -> None:
        type(self).asked = 0
        self._send({})

    def _repositories(self) -> dict[str, Any]:
        answer = json.loads(json.dumps(self.recorded["organization_repositories"]))
        found = answer["data"]["organization"]["repositories"]
        found["nodes"] = found["nodes"][:1]
        found["nodes"][0]["pullRequests"]["totalCount"] = self.total
        return answer

    def _send(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Handler.recorded = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Handler.total = int(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
