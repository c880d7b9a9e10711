"""What the simulated people did, counted from the company's own books and not from what was collected.

Written from the definitions in docs/metrics.md and decision 0037, event by event, without SQL.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
        return instant(moment).astimezone(ZoneInfo(self.zones.get(who, "UTC"))).date()

    def reviews(self) -> Iterator[tuple[Doc, Doc]]:
        """Reviews that humans gave to others' pull requests."""
        for pull in self.pulls:
            for review in pull["reviews"]:
                if self._counts(pull, review):
                    yield pull, review

    def _counts(self, pull: Doc, review: Doc) -> bool:
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


def performance(store: Store, end: datetime) -> dict[tuple[str, date], dict[str, Any]]:
    """Bugs opened by repository and day (UTC), without duplicates and what is not planned."""
    names = {doc["id"]: doc["name"] for doc in store.docs("select doc from repositories")}
    bugs: Counter[tuple[str, date]] = Counter()
    for issue in store.docs("select doc from issues"):
        opened = instant(issue["created_at"])
        if "bug" in issue["labels"] and issue["state_reason"] not in ("DUPLICATE", "NOT_PLANNED") and opened < end:
            bugs[names[issue["repository_id"]], opened.date()] += 1
    return {key: {"bugs_count": count} for key, count in bugs.items()}
