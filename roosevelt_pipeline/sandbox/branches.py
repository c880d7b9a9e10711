"""Commits: how branches grow and how they reach the default branch."""

from random import Random

from roosevelt_pipeline.sandbox.entities import Change, Landing, PullRequest, Repository, Service
from roosevelt_pipeline.sandbox.identifiers import oid
from roosevelt_pipeline.sandbox.people import Person
from roosevelt_pipeline.sandbox.rhythm import iso
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.world import World

OTHER_EMAIL_SHARE = 0.3
NOTHING = "0" * 40  # what a branch that is new was before


def commit_doc(
    repository: Repository, author: Person, message: str, authored_at: int, committed_at: int, parents: list[str],
    *, files: list[str], additions: int, deletions: int, email: str | None = None, salt: str = "",
) -> Doc:  # fmt: skip
    """A commit object. An address that GitHub does not know leaves it without an account."""
    name = oid(repository.id, *parents, message, author.login, authored_at, committed_at, salt)
    return {
        "oid": name, "authored_at": iso(authored_at), "committed_at": iso(committed_at), "message": message,
        "additions": additions, "deletions": deletions, "changed_files": len(files),
        "author_id": author.account_id if email is None else None, "author_name": author.name,
        "author_email": email or author.email, "parents": parents, "files": files,
    }  # fmt: skip


def grow(
    rng: Random, pull_request: PullRequest, authored_at: int, message: str, committed_at: int | None = None
) -> None:
    """Add one commit to a pull request's branch."""
    doc, author = pull_request.doc, pull_request.author
    additions, deletions = rng.randrange(1, 120), rng.randrange(0, 60)
    touched = [rng.choice(doc["files"])]
    email = author.other_email if author.other_email and rng.random() < OTHER_EMAIL_SHARE else None
    commit = commit_doc(
        pull_request.repository, author, message, authored_at, committed_at or authored_at,
        [doc["head_oid"] or pull_request.base], files=touched, additions=additions, deletions=deletions, email=email,
        salt=doc["head_ref"],
    )  # fmt: skip
    append(pull_request, commit, authored_at)
    doc["additions"] += additions
    doc["deletions"] += deletions


def append(pull_request: PullRequest, commit: Doc, authored_at: int) -> None:
    """Make a commit the head of a pull request's branch."""
    pull_request.doc["commits"].append(commit)
    pull_request.doc["head_oid"] = commit["oid"]
    pull_request.authored.append(authored_at)


def catch_up(pull_request: PullRequest, now: int) -> None:
    """Merge the default branch into a pull request's branch, as the button does."""
    doc = pull_request.doc
    message = f"Merge branch 'main' into {doc['head_ref']}"
    parents = [doc["head_oid"], pull_request.repository.head]
    commit = commit_doc(
        pull_request.repository, pull_request.author, message, now, now, parents, files=[], additions=0, deletions=0
    )
    append(pull_request, commit, now)


def squashed(pull_request: PullRequest, now: int, onto: str) -> Doc:
    """The one commit that a pull request becomes."""
    doc = pull_request.doc
    message = f"{doc['title']} (#{doc['number']})"
    if len(doc["commits"]) == 1 and "\n\n" in (only := doc["commits"][0]["message"]):
        message += "\n\n" + only.partition("\n\n")[2]
    return commit_doc(
        pull_request.repository, pull_request.author, message, now, now, [onto], files=doc["files"],
        additions=doc["additions"], deletions=doc["deletions"],
    )  # fmt: skip


def land(world: World, pull_request: PullRequest, merger: Person) -> str:
    """Bring a pull request to the default branch by its method; returns the merge commit."""
    repository, doc, now = pull_request.repository, pull_request.doc, world.now
    pull_request.merged_onto = repository.head
    if pull_request.method == "squash":
        _add(world, repository, squashed(pull_request, now, repository.head))
    elif pull_request.method == "rebase":
        for commit in doc["commits"]:
            _add(world, repository, _replayed(repository, commit, now))
    else:
        for commit in doc["commits"]:
            _write(world, repository, commit)
        message = f"Merge pull request #{doc['number']} from helios-labs/{doc['head_ref']}\n\n{doc['title']}"
        merge = commit_doc(
            repository, merger, message, now, now, [repository.head, doc["head_oid"]], files=doc["files"],
            additions=doc["additions"], deletions=doc["deletions"],
        )  # fmt: skip
        _add(world, repository, merge)
    return repository.head


def push(
    world: World, repository: Repository, author: Person, message: str, files: list[str], authored_at: int,
    undoes: dict[str, Change] | None = None, revert: bool = False,
) -> None:  # fmt: skip
    """Push one commit straight to the default branch: a change of every service of the repository."""
    parents = [repository.head] if repository.head else []
    commit = commit_doc(
        repository, author, message, authored_at, world.now, parents, files=files, additions=4 * len(files), deletions=1
    )
    _add(world, repository, commit)
    changes = {}
    for service in repository.services:
        changes[service.name] = [
            Change(
                repository.name, service.name, commit["oid"], None, "direct", author.is_bot, world.now, authored_at,
                authored_at, is_revert=revert, undoes=(undoes or {}).get(service.name),
            )
        ]  # fmt: skip
    arrive(world, repository, changes)


def arrive(world: World, repository: Repository, changes: dict[str, list[Change]]) -> None:
    """Tell that the default branch has a new tip, and what came with it."""
    place = repository.landings
    repository.landings += 1
    _note(world, repository, changes)
    repository.tips.append((place, repository.head))
    repository.pushed_at = world.now
    world.landed.tell(repository, Landing(place, repository.head, changes))


def _note(world: World, repository: Repository, changes: dict[str, list[Change]]) -> None:
    """Keep in the repository's activity that its default branch moved, and by whom."""
    brought = next((change.pull_request for group in changes.values() for change in group), None)
    activity = {
        "id": world.ids.next("activity"), "repository_id": repository.id, "at": iso(world.now),
        "ref": "refs/heads/main", "before": repository.tips[-1][1] if repository.tips else NOTHING,
        "after": repository.head, "type": "pr_merge" if brought else "push",
        "actor_id": brought.author.account_id if brought else None,
    }  # fmt: skip
    world.store.put("activities", activity)


def change_of(pull_request: PullRequest, service: Service, kind: str, sha: str, now: int) -> Change:
    """What a merged pull request is to one of its services."""
    original = pull_request.undoes.changes.get(service.name) if pull_request.undoes else None
    fixes = pull_request.fixes
    return Change(
        pull_request.repository.name, service.name, sha, pull_request.number, kind, pull_request.author.is_bot, now,
        min(pull_request.authored), pull_request.lead_time_from, pull_request,
        is_revert=pull_request.undoes is not None, is_hotfix=pull_request.is_hotfix,
        closes_incident=fixes is not None and fixes.is_incident, undoes=original,
    )  # fmt: skip


def _replayed(repository: Repository, commit: Doc, now: int) -> Doc:
    parents = [repository.head]
    name = oid(repository.id, *parents, commit["oid"], now)
    return {**commit, "oid": name, "committed_at": iso(now), "parents": parents}


def _add(world: World, repository: Repository, commit: Doc) -> None:
    _write(world, repository, commit)
    repository.head = commit["oid"]


def _write(world: World, repository: Repository, commit: Doc) -> None:
    repository.positions += 1
    world.store.put("commits", commit, repository_id=repository.id, position=repository.positions)
