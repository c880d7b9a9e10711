"""What the simulated people did, counted from the company's own books and not from what was collected.

Written from the definitions in docs/metrics.md and decision 0037, event by event, without SQL.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from roosevelt_pipeline.sandbox.coverage import CoverageTruth, builds_of
from roosevelt_pipeline.sandbox.review_comments import comments_of
from roosevelt_pipeline.sandbox.store import Doc, Store

DRAFTING = ("READY_FOR_REVIEW_EVENT", "CONVERT_TO_DRAFT_EVENT")
Who = tuple[str, str]  # as the vault knows a person: an account, or an address


class Books:
    """The company's books, with who is a person and which zone a person's team keeps."""

    def __init__(self, store: Store, zones: dict[str, str], end: datetime) -> None:
        self.store, self.end = store, end
        self.humans = {doc["id"] for doc in store.docs("select doc from accounts") if doc["kind"] == "User"}
        self.teams: dict[int, set[str]] = defaultdict(set)
        for team in store.docs("select doc from teams"):
            for member in team["members"]:
                if team["slug"] in zones:
                    self.teams[member["account_id"]].add(team["slug"])
        self.zones = {who: zones[next(iter(teams))] for who, teams in self.teams.items() if len(teams) == 1}
        self.pulls = store.docs("select doc from pull_requests")

    def day(self, who: int, moment: str) -> date:
        return instant(moment).astimezone(self.zone(who)).date()

    def zone(self, who: int) -> ZoneInfo:
        return ZoneInfo(self.zones.get(who, "UTC"))

    def reviews(self) -> Iterator[tuple[Doc, Doc]]:
        """Reviews that humans gave to others' pull requests."""
        for pull in self.pulls:
            for review in pull["reviews"]:
                if self.counts(pull, review):
                    yield pull, review

    def groups(self) -> dict[str, set[int]]:
        """Who is in which team, and in the whole company."""
        slugs = {slug for teams in self.teams.values() for slug in teams}
        teams = {f"team:{slug}": {who for who, of in self.teams.items() if slug in of} for slug in slugs}
        return teams | {"organization": self.humans}

    def counts(self, pull: Doc, review: Doc) -> bool:
        given = review["author_id"] in self.humans and review["author_id"] != pull["author_id"]
        return bool(given and review["submitted_at"] and instant(review["submitted_at"]) < self.end)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def ready_at(pull: Doc) -> str | None:
    """When it was first made ready; when it was opened, unless it was a draft then."""
    steps = [one for one in pull["timeline"] if one["type"] in ("READY_FOR_REVIEW_EVENT", "CONVERT_TO_DRAFT_EVENT")]
    if steps:
        first = min(steps, key=lambda one: one["created_at"])
        return str(first["created_at"] if first["type"] == "READY_FOR_REVIEW_EVENT" else pull["created_at"])
    return None if pull["is_draft"] else str(pull["created_at"])


def activity(books: Books) -> dict[tuple[int, date], tuple[int, int]]:
    """Pull requests created and reviewed, by account and local day."""
    created: Counter[tuple[int, date]] = Counter()
    reviewed: dict[tuple[int, date], set[int]] = defaultdict(set)
    for pull in books.pulls:
        ready = ready_at(pull)
        if pull["author_id"] in books.humans and ready and instant(ready) < books.end:
            created[pull["author_id"], books.day(pull["author_id"], ready)] += 1
    for pull, review in books.reviews():
        reviewed[review["author_id"], books.day(review["author_id"], review["submitted_at"])].add(pull["id"])
    return {key: (created[key], len(reviewed[key])) for key in created.keys() | reviewed.keys()}


def collaboration(books: Books) -> dict[tuple[int, date], tuple[int, int, int]]:
    """Reviews given, comments in them, and pull requests of other teams among them, by account and local week."""
    given: Counter[tuple[int, date]] = Counter()
    comments: Counter[tuple[int, date]] = Counter()
    across: dict[tuple[int, date], set[int]] = defaultdict(set)
    for pull, review in books.reviews():
        who = review["author_id"]
        key = who, monday(books.day(who, review["submitted_at"]))
        given[key] += 1
        comments[key] += review.get("comments_count", 0)
        theirs, own = books.teams.get(pull["author_id"]), books.teams.get(who)
        if theirs and own and not theirs & own:
            across[key].add(pull["id"])
    return {key: (given[key], comments[key], len(across[key])) for key in given}


def commits(books: Books) -> Counter[tuple[Who, datetime]]:
    """Lines of commits that are no merges, by who signed them and when they were committed."""
    found: Counter[tuple[Who, datetime]] = Counter()
    for commit in books.store.docs("select doc from commits"):
        if len(commit["parents"]) < 2:
            account, email = commit["author_id"], commit["author_email"]
            who = ("github", str(account)) if account is not None else ("email", email)
            found[who, instant(commit["committed_at"])] += 1
    return found


def comments(books: Books) -> Counter[tuple[int, date]]:
    """Comments on code that people wrote, by account and local week."""
    return Counter(
        (one["author_id"], monday(books.day(one["author_id"], one["created_at"])))
        for pull in books.pulls
        for one in comments_of(pull)
        if one["author_id"] in books.humans and instant(one["created_at"]) < books.end
    )


def turns(books: Books) -> dict[tuple[int, date], tuple[int, int]]:
    """Turns that were answered within a working day, and all turns, by account and local week in which they count."""
    found: dict[tuple[int, date], list[bool]] = defaultdict(list)
    for pull in books.pulls:
        for who, settled, in_time in [*_review_turns(books, pull), *_comment_turns(books, pull)]:
            if settled < books.end:
                found[who, monday(settled.astimezone(books.zone(who)).date())].append(in_time)
    return {key: (sum(answered), len(answered)) for key, answered in found.items()}


def _review_turns(books: Books, pull: Doc) -> Iterator[tuple[int, datetime, bool]]:
    """Whoever reviews it first thing is waited for since it was ready. It counts when the review is given."""
    ready, first = ready_at(pull), dict[int, datetime]()
    for review in sorted(pull["reviews"], key=lambda one: (one["submitted_at"] or "", one["id"])):
        if books.counts(pull, review):
            first.setdefault(review["author_id"], instant(review["submitted_at"]))
    for who, given in first.items():
        if ready and instant(ready) <= given:
            yield who, given, given <= a_working_day_after(instant(ready), books.zone(who))


def _comment_turns(books: Books, pull: Doc) -> Iterator[tuple[int, datetime, bool]]:
    """The author is waited for, in words or by a commit. It counts when the time to answer is over."""
    author, states = pull["author_id"], {review["id"]: review["state"] for review in pull["reviews"]}
    if author not in books.humans:
        return
    replies = [
        (one["in_reply_to"], instant(one["created_at"])) for one in comments_of(pull) if one["author_id"] == author
    ]
    pushed = [instant(commit["committed_at"]) for commit in pull["commits"]]
    closed = instant(pull["closed_at"]) if pull["closed_at"] and instant(pull["closed_at"]) < books.end else None
    for one in comments_of(pull):
        began = instant(one["created_at"])
        asks = one["author_id"] in books.humans - {author} and one["in_reply_to"] is None and began < books.end
        if asks and states[one["review_id"]] != "APPROVED" and (closed is None or began < closed):
            deadline = a_working_day_after(began, books.zone(author))
            answers = [at for to, at in replies if to == one["id"]] + [at for at in pushed if at > began]
            yield author, deadline, any(at <= deadline for at in answers)


def a_working_day_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same time on the next day from Monday to Friday; the weekend is Monday's first moment."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    while local.isoweekday() > 5:
        local = datetime.combine(local.date() + timedelta(days=1), time())
    local += timedelta(days=1)
    while local.isoweekday() > 5:
        local += timedelta(days=1)
    return local.replace(tzinfo=zone).astimezone(UTC)


def rework(books: Books) -> Counter[tuple[int, date]]:
    """Changes requested, a commit, a review: by the author's account and the local week in which it ended."""
    ended: Counter[tuple[int, date]] = Counter()
    for pull in books.pulls:
        given = [one for one in pull["reviews"] if books.counts(pull, one)]
        pushed = sorted(instant(commit["committed_at"]) for commit in pull["commits"])
        answers = {
            next((at for at in pushed if at > instant(one["submitted_at"])), None)
            for one in given
            if one["state"] == "CHANGES_REQUESTED"
        }
        for answer in answers - {None}:
            again = [one["submitted_at"] for one in given if answer and instant(one["submitted_at"]) > answer]
            if again and pull["author_id"] in books.humans:
                ended[pull["author_id"], monday(books.day(pull["author_id"], min(again, key=instant)))] += 1
    return ended


@dataclass(frozen=True)
class Figure:
    """A figure of a group, from what its persons did."""

    value: float | None
    n: int


def figures(books: Books) -> dict[tuple[str, str, date], Figure]:
    """Figures of teams and of everybody, by figure, group and week."""
    parts: dict[str, dict[tuple[int, date], tuple[float, float]]] = defaultdict(dict)
    for (who, day), (created, reviewed) in activity(books).items():
        for name, count in (("prs_created", created), ("prs_reviewed", reviewed)):
            before = parts[name].get((who, monday(day)), (0, 0))[0]
            parts[name][who, monday(day)] = (before + count, before + count)
    for key, (given, written, across) in collaboration(books).items():
        parts["code_reviews_given"][key] = (given, given)
        parts["review_depth"][key] = (written, given)
        parts["cross_team_prs"][key] = (across, across)
    parts["pr_comments"] = {key: (count, count) for key, count in comments(books).items()}
    parts["rework_cycles"] = {key: (count, count) for key, count in rework(books).items()}
    parts["async_communication_score"] = {key: (100 * in_time, all_) for key, (in_time, all_) in turns(books).items()}
    return {
        (name, group, week): _figure(members, week, of_persons, is_ratio=name in RATIOS)
        for name, of_persons in parts.items()
        for group, members in books.groups().items()
        for week in {week for _, week in of_persons}
    }


RATIOS = ("review_depth", "async_communication_score")


def _figure(
    members: set[int], week: date, of_persons: dict[tuple[int, date], tuple[float, float]], *, is_ratio: bool
) -> Figure:
    found = [of_persons[who, week] for who in members if (who, week) in of_persons]
    total, weight = sum(part for part, _ in found), sum(by for _, by in found)
    value = total if not is_ratio else total / weight if weight else None
    return Figure(value, sum(by > 0 for _, by in found))


def coverage(store: Store, end: datetime, newest: int) -> dict[tuple[str, date], float]:
    """Percent of the lines, by repository and day (UTC): of the day's last build, or the last before, for 90 days.

    Args:
        newest: so many builds of each repository were looked at.
    """
    found = {}
    for repository in store.docs("select doc from repositories"):
        for day, build in _last_of_days(builds_of(store, repository)[:newest], end):
            found[repository["name"], day] = 100 * build.lines_covered / build.lines_valid
    return found


def _last_of_days(newest_first: list[CoverageTruth], end: datetime) -> Iterator[tuple[date, CoverageTruth]]:
    built = {instant(one.measured_at).date(): one for one in reversed(newest_first)}
    day, current = min(built, default=end.date()), None
    while day < end.date():
        current = built.get(day, current)
        if current and day < instant(current.measured_at).date() + timedelta(days=90):
            yield day, current
        day += timedelta(days=1)


def performance(store: Store, end: datetime) -> dict[tuple[str, date], dict[str, Any]]:
    """Bugs opened by repository and day (UTC), without duplicates and what is not planned."""
    names = {doc["id"]: doc["name"] for doc in store.docs("select doc from repositories")}
    bugs: Counter[tuple[str, date]] = Counter()
    for issue in store.docs("select doc from issues"):
        opened = instant(issue["created_at"])
        if "bug" in issue["labels"] and issue["state_reason"] not in ("DUPLICATE", "NOT_PLANNED") and opened < end:
            bugs[names[issue["repository_id"]], opened.date()] += 1
    return {key: {"bugs_count": count} for key, count in bugs.items()}
