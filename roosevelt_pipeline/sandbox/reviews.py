"""From an open pull request to a merged or closed one: drafts, reviews, more commits, merging."""

from collections.abc import Callable
from typing import Any

from roosevelt_pipeline.sandbox import branches, wording
from roosevelt_pipeline.sandbox.entities import Change, PullRequest
from roosevelt_pipeline.sandbox.people import CI_APP, Person
from roosevelt_pipeline.sandbox.rhythm import DAY, HOUR, MINUTE, after_working, around, iso
from roosevelt_pipeline.sandbox.truth import record_change
from roosevelt_pipeline.sandbox.world import World

DRAFT_SHARE = 0.12
BACK_TO_DRAFT_SHARE = 0.02
ABANDONED_SHARE = 0.06
REOPENED_SHARE = 0.25
APPROVED_SHARE = 0.66
SELF_REVIEW_SHARE = 0.04
BOT_COMMENT_SHARE = 0.3
BOT_REVIEW_SHARE = 0.05
LATE_REVIEW_SHARE = 0.05
CATCH_UP_SHARE = 0.12
KEPT_FOR_REVERTS = ("number", "title", "state", "head_ref", "merge_commit_oid", "files")
UNREVIEWED_SHARE = 0.04
AUTOMERGED_SHARE = 0.6


class Reviews:
    """Plays the reviewers. Each step plans the next; a pull request is written when none is left."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance("reviews")

    def begin(self, pull_request: PullRequest) -> None:
        """Take up a pull request that was just opened."""
        rng = self._rng
        if rng.random() < BOT_COMMENT_SHARE:
            self._after(pull_request, rng.randrange(1, 9) * MINUTE, self._comment, self._world.machines[CI_APP])
        if rng.random() < BOT_REVIEW_SHARE:
            self._after(pull_request, rng.randrange(2, 12) * MINUTE, self._write_review, self._world.machines[CI_APP])
        if pull_request.author.is_bot:
            self._take_update(pull_request)
        elif pull_request.is_urgent or pull_request.must_merge:
            self._request(pull_request)
        elif rng.random() < DRAFT_SHARE:
            pull_request.doc["is_draft"] = True
            self._work(pull_request, pull_request.pace.coding, self._ready)
        elif rng.random() < ABANDONED_SHARE:
            self._work(pull_request, pull_request.pace.pickup * 4, self._abandon)
        else:
            self._request(pull_request)

    # Steps

    def _take_update(self, pull_request: PullRequest) -> None:
        """A machine's update: merged by itself, by a person, or overtaken by the next one."""
        chance = self._rng.random()
        if chance < AUTOMERGED_SHARE:
            self._after(pull_request, self._rng.randrange(12, 50) * MINUTE, self._merge, pull_request.author)
        elif chance < AUTOMERGED_SHARE + 0.25:
            self._request(pull_request)
        else:
            self._after(pull_request, self._rng.randrange(2, 9) * DAY, self._close)

    def _ready(self, pull_request: PullRequest) -> None:
        pull_request.doc["is_draft"] = False
        self._note(pull_request, "READY_FOR_REVIEW_EVENT")
        self._request(pull_request)

    def _back_to_draft(self, pull_request: PullRequest) -> None:
        if pull_request.is_open:
            pull_request.doc["is_draft"] = True
            self._note(pull_request, "CONVERT_TO_DRAFT_EVENT")
            self._work(pull_request, pull_request.pace.review, self._ready)

    def _request(self, pull_request: PullRequest) -> None:
        """Ask for a review; some are merged without any."""
        rng, doc = self._rng, pull_request.doc
        if rng.random() < SELF_REVIEW_SHARE:
            self._after(pull_request, rng.randrange(1, 20) * MINUTE, self._write_review, pull_request.author)
        if rng.random() < UNREVIEWED_SHARE:
            self._work(pull_request, pull_request.pace.merging, self._merge, pull_request.author)
            return
        reviewer = self._reviewer(pull_request)
        if reviewer.account_id is not None and reviewer.id not in doc["review_requests"]:
            doc["review_requests"].append(reviewer.id)
        self._note(pull_request, "REVIEW_REQUESTED_EVENT")
        if not pull_request.must_merge and rng.random() < BACK_TO_DRAFT_SHARE:
            self._after(pull_request, 20 * MINUTE, self._back_to_draft)
            return
        self._work(pull_request, pull_request.pace.pickup, self._review, reviewer, 1, zone=reviewer.zone)

    def _review(self, pull_request: PullRequest, reviewer: Person, lap: int) -> None:
        if not pull_request.is_open:
            return
        rng = self._rng
        if rng.random() < APPROVED_SHARE or lap == 3 or pull_request.is_urgent:
            self._write_review(pull_request, reviewer, "APPROVED")
            self._work(pull_request, pull_request.pace.merging, self._merge, reviewer)
            return
        self._write_review(pull_request, reviewer, rng.choice(("CHANGES_REQUESTED", "COMMENTED")))
        if rng.random() < 0.4:
            self._after(pull_request, rng.randrange(5, 90) * MINUTE, self._comment, pull_request.author)
        self._work(pull_request, pull_request.pace.review, self._rework, reviewer, lap)

    def _rework(self, pull_request: PullRequest, reviewer: Person, lap: int) -> None:
        if not pull_request.is_open:
            return
        rng = self._rng
        if pull_request.method != "rebase" and not pull_request.parent and rng.random() < CATCH_UP_SHARE:
            branches.catch_up(pull_request, self._world.now)
        else:
            branches.grow(rng, pull_request, self._world.now, wording.title(rng))
        pull_request.repository.pushed_at = self._world.now
        self._touch(pull_request)
        self._world.pushed.tell(pull_request)
        self._work(pull_request, pull_request.pace.review, self._review, reviewer, lap + 1, zone=reviewer.zone)

    def _abandon(self, pull_request: PullRequest) -> None:
        self._close(pull_request)
        if self._rng.random() < REOPENED_SHARE:
            self._work(pull_request, 6, self._reopen)

    def _reopen(self, pull_request: PullRequest) -> None:
        pull_request.doc.update(state="OPEN", closed_at=None)
        self._note(pull_request, "REOPENED_EVENT")
        self._request(pull_request)

    def _close(self, pull_request: PullRequest) -> None:
        if pull_request.is_open:
            pull_request.doc.update(state="CLOSED", closed_at=iso(self._world.now))
            self._touch(pull_request)

    def _merge(self, pull_request: PullRequest, merger: Person) -> None:
        """Merge, once everything stacked on it has come in."""
        if not pull_request.is_open or pull_request.doc["is_draft"]:
            return
        if pull_request.open_children:
            pull_request.wants_merge = True
            return
        if self._rng.random() < 0.6 and not pull_request.author.is_bot:
            merger = pull_request.author
        world, doc = self._world, pull_request.doc
        sha = self._into_parent(pull_request) if pull_request.parent else branches.land(world, pull_request, merger)
        doc.update(
            state="MERGED", merged_at=iso(world.now), closed_at=iso(world.now), merge_commit_oid=sha,
            merge_method=pull_request.method, merged_by_id=merger.account_id,
        )  # fmt: skip
        self._touch(pull_request)
        kind = "stacked" if pull_request.parent else pull_request.method
        for service in pull_request.services:
            pull_request.changes[service.name] = branches.change_of(pull_request, service, kind, sha, world.now)
        if self._rng.random() < LATE_REVIEW_SHARE and not pull_request.author.is_bot:
            reviewer = self._reviewer(pull_request)
            self._after(pull_request, self._rng.randrange(1, 60) * HOUR, self._write_review, reviewer)
        self._pass_on(pull_request)
        world.merged.tell(pull_request)

    def _into_parent(self, pull_request: PullRequest) -> str:
        """Merge one floor of a stack into the branch below, which then holds its files as well."""
        parent, now = pull_request.parent, self._world.now
        assert parent is not None
        commit = branches.squashed(pull_request, now, parent.doc["head_oid"])
        branches.append(parent, commit, now)
        for count in ("additions", "deletions"):
            parent.doc[count] += pull_request.doc[count]
        parent.doc["files"] = sorted({*parent.doc["files"], *pull_request.doc["files"]})
        parent.doc["changed_files"] = len(parent.doc["files"])
        self._touch(parent)
        return str(commit["oid"])

    def _pass_on(self, pull_request: PullRequest) -> None:
        """Hand the changes to whatever they arrived in: the default branch or the floor below."""
        own, parent = list(pull_request.changes.values()), pull_request.parent
        if parent is None:
            by_service: dict[str, list[Change]] = {}
            for change in (*pull_request.stacked, *own):
                by_service.setdefault(change.service, []).append(change)
            branches.arrive(self._world, pull_request.repository, by_service)
            return
        for change in own:
            record_change(self._world.store, change)
        parent.stacked += [*pull_request.stacked, *own]
        parent.open_children -= 1
        if parent.wants_merge and not parent.open_children:
            self._work(parent, parent.pace.merging, self._merge, parent.author)

    # Traces

    def _comment(self, pull_request: PullRequest, author: Person) -> None:
        comment = {
            "id": self._world.ids.next("comment"),
            "created_at": iso(self._world.now),
            "author_id": author.account_id,
        }
        pull_request.doc["comments"].append(comment)
        self._touch(pull_request)

    def _write_review(self, pull_request: PullRequest, author: Person, state: str = "COMMENTED") -> None:
        review = {
            "id": self._world.ids.next("review"), "state": state, "submitted_at": iso(self._world.now),
            "author_id": author.account_id, "comments_count": self._rng.choice((0, 1, 1, 2, 4)),
        }  # fmt: skip
        pull_request.doc["reviews"].append(review)
        if author.id in pull_request.doc["review_requests"]:
            pull_request.doc["review_requests"].remove(author.id)
        self._touch(pull_request)

    def _note(self, pull_request: PullRequest, kind: str) -> None:
        event = {"id": self._world.ids.next("event"), "type": kind, "created_at": iso(self._world.now)}
        pull_request.doc["timeline"].append(event)
        self._touch(pull_request)

    def _touch(self, pull_request: PullRequest) -> None:
        pull_request.doc["updated_at"] = iso(self._world.now)

    def _reviewer(self, pull_request: PullRequest) -> Person:
        services = pull_request.services or pull_request.repository.services
        day = self._world.now // DAY
        return pull_request.repository.someone(self._rng, day, services[0].blueprint.team, besides=pull_request.author)

    # Planning

    def _work(
        self,
        pull_request: PullRequest,
        hours: float,
        step: Callable[..., None],
        *arguments: Any,
        zone: str | None = None,
    ) -> None:
        """Plan a step after so many office hours (the median); urgent ones wait for no office."""
        spent = around(self._rng, hours) * HOUR
        if pull_request.is_urgent:
            self._after(pull_request, 3 * MINUTE + int(min(spent, 2 * HOUR) / 4), step, *arguments)
            return
        moment = after_working(zone or pull_request.author.zone, self._world.now, spent)
        self._after(pull_request, moment - self._world.now, step, *arguments)

    def _after(self, pull_request: PullRequest, seconds: int, step: Callable[..., None], *arguments: Any) -> None:
        pull_request.steps_left += 1
        self._world.agenda.at(self._world.now + seconds, self._run, pull_request, step, arguments)

    def _run(self, pull_request: PullRequest, step: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        pull_request.steps_left -= 1
        step(pull_request, *arguments)
        if not pull_request.steps_left and not pull_request.is_open:
            self._world.finish("pull_requests", pull_request.doc, pull_request.repository.id)
            pull_request.doc = {name: pull_request.doc[name] for name in KEPT_FOR_REVERTS}
