"""Facts that people write as text, read at the boundary; the texts themselves are dropped. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roosevelt_pipeline.patterns import matches_any

_REVERT_TITLE = re.compile(r"revert\b(?!\s+to\b)", re.IGNORECASE)
_REVERTED_COMMIT = re.compile(r"\bthis reverts commit ([0-9a-f]{7,40})\b", re.IGNORECASE)
_REVERTED_PULL_REQUEST = re.compile(
    r"^\s*(?:this )?reverts (?:pull request |PR )?(?:[\w.-]+/[\w.-]+)?#(\d+)\b", re.IGNORECASE | re.MULTILINE
)
_REVERT_BRANCH = re.compile(r"revert-(\d+)-.+")
# git's trailer. Digits alone are some tracker's number, unless there are forty of them.
_FIXED_COMMIT = re.compile(
    r"^\s*fixes:?\s+(?:commit )?((?=\d*[a-f])[0-9a-f]{7,39}|[0-9a-f]{40})\b", re.IGNORECASE | re.MULTILINE
)
# GitHub's nine closing keywords; a reference into another repository closes nothing here.
_CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b", re.IGNORECASE)
_DEPLOYMENT = re.compile(r"(?:\bdeployment:?\s*#?|/deployments/)(\d+)\b", re.IGNORECASE)
_OID = re.compile(r"\b[0-9a-f]{40}\b")
_CAUSED_BY = re.compile(r"\bcaused by:?\s+(?:pull request |PR )?(?:[\w.-]+/[\w.-]+)?#(\d+)\b", re.IGNORECASE)
_RUN = re.compile(r"/actions/runs/(\d+)")
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Revert:
    """Whether a change undoes another, and which it undoes or fixes, as far as it says so."""

    is_revert: bool
    pull_request_number: int | None = None
    oid: str | None = None


@dataclass(frozen=True)
class IncidentReferences:
    """What an incident's text names as its cause. In order of appearance, each once."""

    deployment_ids: list[int]
    oids: list[str]
    pull_requests: list[int]


def revert_of(title: str, body: str, branch: str = "") -> Revert:
    """What a pull request or a commit undoes, or says that it fixes.

    GitHub's button writes the title ``Revert "..."``, the body ``Reverts owner/repo#12`` and
    the branch ``revert-12-...``; git writes ``This reverts commit <sha>.``. The revert of a
    revert is a revert too: it undoes the first. Who fixes what another change broke, and
    undoes nothing, writes ``Fixes: <sha>`` or ``Caused by #12``.

    Args:
        title: of the pull request, or the commit's first line.
        body: of the pull request, or the rest of the commit's message.
        branch: of the pull request's commits.
    """
    oid = next(iter(_REVERTED_COMMIT.findall(body)), None)
    number = next(iter(_REVERTED_PULL_REQUEST.findall(body)), None)
    if number is None and (match := _REVERT_BRANCH.fullmatch(branch)):
        number = match[1]
    is_revert = _REVERT_TITLE.match(title) is not None or oid is not None or number is not None
    if oid is None and number is None:
        oid = next(iter(_FIXED_COMMIT.findall(body)), None)
        number = next(iter(_CAUSED_BY.findall(body)), None)
    return Revert(
        is_revert=is_revert,
        pull_request_number=int(number) if number is not None and int(number) <= _LARGEST else None,
        oid=oid.lower() if oid else None,
    )


def closed_issues(*texts: str) -> list[int]:
    """Numbers of the issues that a pull request closes by a keyword, in order, each once."""
    return _numbers(match for text in texts for match in _CLOSES.findall(text))


def is_hotfix(labels: Iterable[str], branch: str, hotfix_labels: Sequence[str], branches: Sequence[str]) -> bool:
    """Whether a label or the name of the branch says that this is a hotfix. Case does not matter."""
    marks = {label.lower() for label in hotfix_labels}
    if any(label.lower() in marks for label in labels):
        return True
    return matches_any(branch, branches)


def incident_references(body: str) -> IncidentReferences:
    """What an incident's text names: ``Deployment: 123``, ``.../deployments/123``, full shas, ``Caused by #12``."""
    return IncidentReferences(
        deployment_ids=_numbers(_DEPLOYMENT.findall(body)),
        oids=list(dict.fromkeys(_OID.findall(body))),
        pull_requests=_numbers(_CAUSED_BY.findall(body)),
    )


def workflow_run_of(log_urls: Iterable[str | None]) -> int | None:
    """The run that made a deployment, as the statuses' log addresses name it; the first one named."""
    found = _numbers(match for url in log_urls for match in _RUN.findall(url or ""))
    return found[0] if found else None


def _numbers(texts: Iterable[str]) -> list[int]:
    return list(dict.fromkeys(number for text in texts if (number := int(text)) <= _LARGEST))
