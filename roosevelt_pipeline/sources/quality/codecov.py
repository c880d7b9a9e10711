"""Codecov's API v2: how much of the newest commit of a branch tests reach."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from pydantic import SecretStr

from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.sources.quality.records import coverage_record
from roosevelt_pipeline.sources.quality.reports import Coverage
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100
MOST_PAGES = 20
_REMEDIES = {
    401: "it does not accept CODECOV_TOKEN; make an API access token in Codecov's settings",
    403: "CODECOV_TOKEN may not read this repository",
    404: "Codecov does not know this repository, or the token may not see it",
    429: "it asks to wait; the next run reads on",
}


class CodecovClient:
    """Asks Codecov, read only.

    Args:
        api_url: settings see to it that it is https, or this machine.
    """

    def __init__(self, token: SecretStr, api_url: str, timeout: float) -> None:
        self._base, self._timeout = api_url.rstrip("/"), timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(
            {"Authorization": f"Bearer {token.get_secret_value()}", "Accept": "application/json"}
        )
        self.requests = 0

    def commits(self, owner: str, repository: str, branch: str) -> Iterator[Mapping[str, Any]]:
        """Commits of a branch, newest first, each with its totals.

        Raises:
            QualityError: Codecov does not answer, or refuses.
        """
        for page in range(1, MOST_PAGES + 1):
            path = f"/api/v2/github/{owner}/repos/{repository}/commits/"
            body = self._get(path, {"branch": branch, "page": page, "page_size": PAGE}, f"{owner}/{repository}")
            results = body.get("results")
            if not isinstance(results, list):
                raise QualityError(f"{owner}/{repository}: Codecov answers in a way that is not understood")
            yield from (one for one in results if isinstance(one, dict))
            if not body.get("next"):
                return

    def repositories(self, owner: str) -> int:
        """How many repositories of an owner the token sees.

        Raises:
            QualityError: Codecov does not answer, or refuses.
        """
        body = self._get(f"/api/v2/github/{owner}/repos/", {"page_size": 1}, owner)
        count = body.get("count")
        if not isinstance(count, int):
            raise QualityError(f"{owner}: Codecov answers in a way that is not understood")
        return count

    def close(self) -> None:
        self._session.close()

    def _get(self, path: str, parameters: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        self.requests += 1
        try:
            response = self._session.get(
                self._base + path, params=parameters, timeout=self._timeout, allow_redirects=False
            )
            body = response.json() if response.status_code == 200 else None
        except requests.RequestException as error:
            raise QualityError(f"{subject}: Codecov cannot be reached ({type(error).__name__})") from None
        if not isinstance(body, dict):
            remedy = _REMEDIES.get(response.status_code, f"Codecov answered {response.status_code}")
            raise QualityError(f"{subject}: {remedy}")
        return body


def collect_codecov(
    client: CodecovClient, owner: str, repository: str, branch: str, known: set[str]
) -> Iterator[Record]:
    """Totals of commits that are not known yet. A commit whose report is not there yet is met again.

    Raises:
        QualityError: Codecov does not answer, or refuses.
    """
    for commit in client.commits(owner, repository, branch):
        sha, at = commit.get("commitid"), commit.get("timestamp")
        key = f"codecov|{repository}|{sha}"
        if key in known:
            return
        totals = commit.get("totals") or {}
        if not isinstance(sha, str) or not isinstance(at, str) or commit.get("state") != "complete":
            continue
        lines, hits = totals.get("lines"), totals.get("hits")
        if isinstance(lines, int) and isinstance(hits, int) and 0 <= hits <= lines and lines > 0:
            coverage = Coverage("codecov", lines, hits)
            yield coverage_record(key, repository, coverage, source="codecov", sha=sha, measured_at=at)
