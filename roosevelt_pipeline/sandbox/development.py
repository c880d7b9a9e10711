"""Work begins: features, stacks, dependency updates, direct pushes, and fixes that others ask for."""

from collections.abc import Callable
from dataclasses import dataclass, field

from roosevelt_pipeline.sandbox import branches, wording
from roosevelt_pipeline.sandbox.blueprint import Method
from roosevelt_pipeline.sandbox.entities import Attempt, Incident, PullRequest, Repository, Service
from roosevelt_pipeline.sandbox.people import DEPENDABOT, RELEASE_USER, RENOVATE, Person
from roosevelt_pipeline.sandbox.reviews import Reviews
from roosevelt_pipeline.sandbox.rhythm import (
    DAY,
    HOUR,
    MINUTE,
    activity_share,
    after_working,
    around,
    arrivals,
    iso,
    moment_in,
)  # fmt: skip
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.world import World

MOST_COMMITS = 9
BOTH_SERVICES_SHARE = 0.08
DOCS_ONLY_SHARE = 0.03
ANCIENT_SHARE = 0.006
UNICODE_LABELS = ("feature", "chore", "dépendances", "security", "ux ✨")
OOPS_SHARE = 0.012


@dataclass
class Task:
    """A pull request before it is opened."""

    repository: Repository
    services: tuple[Service, ...]
    author: Person
    title: str
    branch: str
    files: list[str]
    base: str
    authored: list[int]
    body: str = ""
    labels: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    is_urgent: bool = False
    is_hotfix: bool = False
    must_merge: bool = False
    undoes: PullRequest | None = None
    fixes: Incident | None = None
    mends: Attempt | None = None
    parent: PullRequest | None = None
    floors: int = 0
    """How many pull requests are still to be stacked on this one."""
    method: Method | None = None
    on_opened: Callable[[PullRequest], None] | None = None


class Development:
    """Plays the developers at their desks; what follows the opening is ``Reviews``'."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance("development")
        self._reviews = Reviews(world)
        world.merged.hear(self._regret)

    def begin_day(self, day: int) -> None:
        world, rng = self._world, self._rng
        for repository in world.repositories:
            plan, share = repository.blueprint, repository.rate * activity_share(repository.zone, day)
            for kind, mean in (
                (self._feature, plan.pull_requests),
                (self._stack, plan.stacks),
                (self._update, plan.bot_pull_requests),
                (self._direct_push, plan.direct_pushes),
            ):
                for _ in range(arrivals(rng, mean * share)):
                    world.agenda.at(moment_in(rng, repository.zone, day), kind, repository)

    # Kinds of work

    def _feature(self, repository: Repository) -> None:
        task = self._task(repository)
        if repository.open_bugs and self._rng.random() < 0.12:
            self._close_bug(task, repository.open_bugs.pop(0))
        self._open_later(task)

    def _stack(self, repository: Repository) -> None:
        task = self._task(repository, alone=True)
        task.floors, task.method, task.must_merge = (2 if self._rng.random() < 0.3 else 1), "squash", True
        self._open_later(task)

    def _update(self, repository: Repository) -> None:
        rng, by_renovate = self._rng, self._rng.random() < 0.4
        author = self._world.machines[RENOVATE if by_renovate else DEPENDABOT]
        title, branch = wording.bump(rng, by_renovate)
        service = rng.choice(repository.services)
        self._open(
            Task(
                repository, (service,), author, title, f"{branch}-{rng.randrange(16**4):04x}",
                [f"{service.blueprint.path}requirements.lock"], repository.head, [self._world.now],
                labels=["dépendances"], messages=[title],
            )
        )  # fmt: skip

    def _direct_push(self, repository: Repository) -> None:
        rng, now = self._rng, self._world.now
        service = rng.choice(repository.services)
        author = repository.someone(rng, now // DAY, service.blueprint.team)
        if rng.random() < 0.2:
            author = self._world.machines[RELEASE_USER]
        files = wording.files(rng, service.blueprint.path, repository.blueprint.language, 2)
        for _ in range(rng.choice((1, 1, 2))):
            branches.push(self._world, repository, author, wording.title(rng), files, now - rng.randrange(MINUTE, HOUR))

    def _regret(self, pull_request: PullRequest) -> None:
        """Now and then what was just merged is taken back, before or after it was deployed."""
        if pull_request.parent or pull_request.undoes or pull_request.fixes or pull_request.is_hotfix:
            return
        if not pull_request.services or self._rng.random() > OOPS_SHARE:
            return
        for change in pull_request.changes.values():
            change.is_doomed = True
        self._world.agenda.at(self._world.now + self._rng.randrange(10, 90) * MINUTE, self.revert, pull_request)

    # What incidents ask for

    def revert(self, original: PullRequest, fixes: Incident | None = None, *, hotfix: bool = False) -> None:
        """Press the revert button on a merged pull request."""
        rng, repository, doc = self._rng, original.repository, original.doc
        author = repository.someone(rng, self._world.now // DAY, original.services[0].blueprint.team)
        body = f"Reverts helios-labs/{repository.name}#{original.number}"
        message = f'Revert "{doc["title"]} (#{original.number})"\n\nThis reverts commit {doc["merge_commit_oid"]}.'
        task = Task(
            repository, original.services, author, f'Revert "{doc["title"]}"',
            f"revert-{original.number}-{doc['head_ref']}", list(doc["files"]), repository.head, [self._world.now],
            body=body, messages=[message], is_urgent=True, must_merge=True, undoes=original, is_hotfix=hotfix,
            labels=["hotfix"] if hotfix else [],
        )  # fmt: skip
        if fixes:
            self._refer(task, fixes)
        self._open(task)

    def revert_by_hand(self, original: PullRequest) -> None:
        """Run ``git revert`` and push, without a pull request."""
        rng, repository, doc = self._rng, original.repository, original.doc
        author = repository.someone(rng, self._world.now // DAY, repository.services[0].blueprint.team)
        headline = f"{doc['title']} (#{original.number})"
        message = f'Revert "{headline}"\n\nThis reverts commit {doc["merge_commit_oid"]}.'
        if original.method == "merge":
            message = (
                f'Revert "Merge pull request #{original.number} from helios-labs/{doc["head_ref"]}"\n\n'
                f"This reverts commit {doc['merge_commit_oid']}, reversing\nchanges made to {original.merged_onto}."
            )
        branches.push(
            self._world, repository, author, message, list(doc["files"]), self._world.now - MINUTE,
            undoes=original.changes, revert=True,
        )  # fmt: skip

    def fix(
        self, service: Service, repository: Repository, fixes: Incident | None, *, mends: Attempt | None = None,
        hotfix: bool = False, within: int = 2 * HOUR, on_opened: Callable[[PullRequest], None] | None = None,
    ) -> None:  # fmt: skip
        """Have somebody mend a service; the pull request opens ``within`` so many seconds."""
        rng = self._rng
        task = self._task(repository, service=service)
        begin, task.is_urgent, task.must_merge, task.mends = self._world.now, True, True, mends
        task.on_opened, task.is_hotfix = on_opened, hotfix
        task.title = f"Fix {rng.choice(wording.THINGS)}"
        if hotfix:
            labelled = rng.random() < 0.6
            task.branch = task.branch if labelled else f"hotfix/{task.branch.partition('/')[2]}"
            task.labels = ["hotfix"] if labelled else []
        if fixes:
            self._refer(task, fixes)
        opens = begin + max(2 * MINUTE, int(within * (0.3 + 0.7 * rng.random())))
        task.authored = [begin + (opens - begin) // 2]
        self._world.agenda.at(opens, self._open, task)

    # From task to pull request

    def _task(self, repository: Repository, service: Service | None = None, *, alone: bool = False) -> Task:
        rng, now, plan = self._rng, self._world.now, repository.blueprint
        services: tuple[Service, ...] = (service or rng.choice(repository.services),)
        author = repository.someone(rng, now // DAY, services[0].blueprint.team)
        files = wording.files(rng, services[0].blueprint.path, plan.language, rng.randrange(1, 6))
        if plan.is_monorepo and service is None and not alone:
            services, files = self._spread(repository, services, files)
        title = wording.title(rng)
        return Task(
            repository, services, author, title, wording.branch(rng, author.login, title), files, repository.head, [now]
        )

    def _spread(
        self, repository: Repository, services: tuple[Service, ...], files: list[str]
    ) -> tuple[tuple[Service, ...], list[str]]:
        chance = self._rng.random()
        if chance < BOTH_SERVICES_SHARE:
            others = [f"{each.blueprint.path}src/shared.py" for each in repository.services]
            return repository.services, sorted({*files, *others})
        return ((), ["docs/guide.md"]) if chance > 1 - DOCS_ONLY_SHARE else (services, files)

    def _open_later(self, task: Task) -> None:
        rng, zone, now = self._rng, task.author.zone, self._world.now
        coding = around(rng, task.repository.blueprint.pace.coding) * HOUR
        count = 1 + min(MOST_COMMITS - 1, int(rng.expovariate(0.7)))
        shares = sorted(rng.random() for _ in range(count))
        task.authored = [after_working(zone, now, coding * share) for share in shares]
        if rng.random() < ANCIENT_SHARE:
            task.authored[0] -= rng.randrange(95, 140) * DAY
        self._world.agenda.at(after_working(zone, now, coding) + rng.randrange(1, 5 * MINUTE), self._open, task)

    def _open(self, task: Task) -> None:
        world, rng, now, repository = self._world, self._rng, self._world.now, task.repository
        if not task.labels and rng.random() < 0.35:
            task.labels = [rng.choice(UNICODE_LABELS)]
        doc = _pull_request_doc(task, world.ids.next("pull_request"), repository.next_number(), now)
        method = task.method or _drawn(rng.random(), repository.blueprint.methods)
        pull_request = PullRequest(
            repository, task.author, doc, task.services, method, repository.blueprint.pace, task.base, opened_at=now,
            is_urgent=task.is_urgent, is_hotfix=task.is_hotfix, must_merge=task.must_merge, parent=task.parent,
            undoes=task.undoes, fixes=task.fixes, mends=task.mends,
        )  # fmt: skip
        for place, authored_at in enumerate(task.authored):
            message = task.messages[place] if place < len(task.messages) else wording.title(rng)
            branches.grow(rng, pull_request, authored_at, message, max(authored_at, task.authored[-1] - HOUR))
        repository.pushed_at = now
        world.hold("pull_requests", doc, repository.id)
        if task.parent:
            task.parent.open_children += 1
        if task.on_opened:
            task.on_opened(pull_request)
        world.opened.tell(pull_request)
        self._reviews.begin(pull_request)
        if task.floors:
            self._stack_on(pull_request, task.floors)

    def _stack_on(self, parent: PullRequest, floors: int) -> None:
        task = self._task(parent.repository, parent.services[0])
        task.author, task.parent, task.base = parent.author, parent, parent.doc["head_oid"]
        task.method, task.must_merge, task.floors = "squash", True, floors - 1
        self._world.agenda.at(self._world.now + self._rng.randrange(5, 50) * MINUTE, self._open_child, task)

    def _open_child(self, task: Task) -> None:
        """Open the next floor of a stack, unless the one below was merged meanwhile."""
        if task.parent and task.parent.is_open:
            task.authored = [self._world.now - MINUTE]
            task.base = task.parent.doc["head_oid"]
            self._open(task)

    def _refer(self, task: Task, fixes: Incident) -> None:
        task.fixes = fixes
        task.body = f"{task.body}\n\nFixes #{fixes.number}".strip()

    def _close_bug(self, task: Task, bug: Incident) -> None:
        if bug.doc["state"] == "OPEN":
            self._refer(task, bug)


def _drawn(chance: float, methods: tuple[tuple[Method, float], ...]) -> Method:
    for method, share in methods:
        if chance < share:
            return method
        chance -= share
    return methods[-1][0]


def _pull_request_doc(task: Task, number: int, place: int, now: int) -> Doc:
    parent = task.parent
    return {
        "id": number, "repository_id": task.repository.id, "number": place, "title": task.title, "body": task.body,
        "url": f"https://github.com/helios-labs/{task.repository.name}/pull/{place}", "state": "OPEN",
        "is_draft": False, "created_at": iso(now), "updated_at": iso(now), "closed_at": None, "merged_at": None,
        "merge_method": None, "additions": 0, "deletions": 0, "changed_files": len(task.files),
        "base_ref": parent.doc["head_ref"] if parent else "main", "head_ref": task.branch, "head_oid": None,
        "merge_commit_oid": None, "author_id": task.author.account_id, "merged_by_id": None, "labels": task.labels,
        "commits": [], "reviews": [], "comments": [], "timeline": [], "review_requests": [], "files": task.files,
    }  # fmt: skip
