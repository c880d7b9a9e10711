"""Pushes and merges to branches, with their times, where a branch other than the default one deploys.

They are a repository's activity. A branch that is named exactly is asked for by name. For a pattern
the activity of all branches is read and the others' is left out, because a branch that matched may
be gone by now. The default branch is always left out: its merges are known from its history.
"""

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlparse

from roosevelt_pipeline.settings import DeploymentRule, Settings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import next_link
from roosevelt_pipeline.sources.github.nodes import Node, instant, integer, person, text
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.scans import Listing, collect_listing
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100
BRANCHES = "refs/heads/"


def is_wanted(settings: Settings, repository: Repository) -> bool:
    """Whether a push to a branch other than the default one may be a deployment."""
    rule = settings.deployment_rule(repository.name)
    default = repository.default_branch
    return rule is not None and default is not None and rule.reads_pushes(default)


def collect(session: Session) -> None:
    """What the branches did since the last time; all that GitHub still tells, the first time."""
    assert session.repository is not None
    rule = session.settings.deployment_rule(session.repository.name)
    assert rule is not None
    listing = Listing(
        connection="activity",
        page=partial(_page, session, rule.branch or ""),
        read=partial(read_push, repository=session.repository, rule=rule),
        ordered_by="timestamp",
    )
    collect_listing(session, listing, session.policy(branch=rule.branch, default=session.repository.default_branch))


def read_push(node: Node, *, repository: Repository, rule: DeploymentRule) -> Record | None:
    """What happened to a branch, as it lands; ``None`` if the rule does not name the branch."""
    key, ref = integer(node, "id"), text(node, "ref")
    branch = ref.removeprefix(BRANCHES)
    if branch == ref or branch == repository.default_branch or not rule.deploys_by_push_to(branch):
        return None
    payload = {
        "push_id": key,
        "repository_id": repository.repository_id,
        "branch": branch,
        "type": text(node, "activity_type"),
        "before_oid": text(node, "before"),
        "after_oid": text(node, "after"),
        "pushed_at": instant(node, "timestamp"),
        "actor_id": person(node.get("actor")),
    }
    return Record(str(key), payload)


def _page(session: Session, branch: str, after: str | None, descending: bool) -> Answer:
    """A page of activity in the shape of a connection, whose cursor is the one that the ``Link`` header names."""
    assert session.repository is not None
    asked: dict[str, Any] = {"per_page": PAGE, "after": after, "direction": "desc" if descending else "asc"}
    if not ("*" in branch or "?" in branch):
        asked["ref"] = BRANCHES + branch
    path = f"/repos/{session.repository.name_with_owner}/activity"
    answer = session.client.rest(path, asked, subject=session.subject)
    following = parse_qs(urlparse(next_link(answer) or "").query).get("after", [None])[0]
    page = {"nodes": answer.document, "pageInfo": {"hasNextPage": following is not None, "endCursor": following}}
    return replace(answer, document={"data": {"repository": {"activity": page}}})
