"""A row of the directory to a member: who it is, how to reach them, how their days are laid out, what they want."""

import re
from dataclasses import dataclass, field
from datetime import date, time
from typing import ClassVar

from roosevelt_pipeline.privacy.identities import normalised
from roosevelt_pipeline.settings import ImportSettings, Settings, known_zone
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YES_OR_NO = {"true": "yes", "yes": "yes", "1": "yes", "x": "yes", "false": "no", "no": "no", "0": "no"}
LONGEST_ADDRESS = 2_000
MOST_ADDRESSES = 20
_LOGIN = re.compile(r"@?(?P<login>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99}))")
_ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")
_SLACK = re.compile(r"[UW][A-Z0-9]{5,20}")
_BETWEEN = re.compile(r"[\s,;|]+")


class DirectoryColumns(ImportSettings):
    """What the columns of the directory are called."""

    kind: ClassVar[str] = "people"
    fields: ClassVar[tuple[str, ...]] = (
        "github", "github_id", "emails", "calendar", "ical", "survey", "slack", "time_zone", "workday_start",
        "workday_end", "working_days", "country", "team", "opted_in", "opted_out", "link_survey",
    )  # fmt: skip


@dataclass(frozen=True)
class Member:
    """Somebody of the directory. Lives in memory alone: nothing of it but surrogates and settings is ever kept.

    Attributes:
        line: where it stands in the file, for messages.
        github_id: GitHub's numeric id of the account; found by the login where the file has none.
        survey: address or id that the person's answers come under, if not one of the e-mail addresses.
        opted_in: day from which on the person takes part; ``None`` means not at all.
        opted_out: day from which on no more; the later of the two days holds, of one day the second.
        links_survey: whether answers may carry the person's own surrogate.
    """

    line: int
    github: str | None = field(default=None, repr=False)
    github_id: int | None = field(default=None, repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    calendar: str | None = field(default=None, repr=False)
    ical: str | None = field(default=None, repr=False)
    survey: str | None = field(default=None, repr=False)
    slack: str | None = field(default=None, repr=False)
    time_zone: str = "UTC"
    workday_start: time = time(9)
    workday_end: time = time(17)
    working_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    country: str | None = None
    team: str | None = None
    opted_in: date | None = None
    opted_out: date | None = None
    links_survey: bool = False

    def takes_part_on(self, day: date) -> bool:
        """Whether the directory says so."""
        if self.opted_in is None or self.opted_in > day:
            return False
        return self.opted_out is None or self.opted_out > day or self.opted_out < self.opted_in

    def identities(self) -> list[tuple[str, str]]:
        """Provider and id of every account and address, the one that stands for the person first."""
        found = [("github", str(self.github_id))] if self.github_id is not None else []
        found += [("email", address) for address in self.emails]
        for provider, value in (("survey address", self.survey), ("calendar", self.calendar)):
            if value is not None:
                address = normalised(value)
                found.append(("email" if _ADDRESS.fullmatch(address) else provider, address))
        found += [("calendar", self.ical)] if self.ical else []
        return list(dict.fromkeys(found))


def read_member(cells: Cells, line: int, settings: Settings) -> Member:
    """A row as a member; what the row leaves open is the policy's.

    Raises:
        Unfit: the row cannot be used. Names the column and the remedy, never what stands in it.
    """
    usual = settings.people
    member = Member(
        line=line,
        github=_login(cells),
        github_id=cells.count("github_id", least=1),
        emails=_addresses(cells),
        calendar=cells.text("calendar", LONGEST_ADDRESS),
        ical=_feed(cells),
        survey=cells.text("survey", LONGEST_ADDRESS),
        slack=_slack(cells),
        time_zone=_zone(cells) or usual.timezone or settings.metrics.timezone,
        workday_start=_clock(cells, "workday_start") or usual.workday_start,
        workday_end=_clock(cells, "workday_end") or usual.workday_end,
        working_days=_days(cells) or usual.working_days,
        country=cells.text("country", 60),
        team=cells.text("team"),
        opted_in=_day(cells, "opted_in"),
        opted_out=_day(cells, "opted_out"),
        links_survey=cells.choice("link_survey", YES_OR_NO) == "yes",
    )
    if member.github is None and member.github_id is None and not member.emails:
        raise Unfit(None, "names neither a GitHub account nor an e-mail address, so it is nobody; fill in one of them")
    if member.workday_end <= member.workday_start:
        raise cells.unfit("workday_end", "is not after workday_start; write times of one day, such as 09:00 and 17:30")
    return member


def _login(cells: Cells) -> str | None:
    text = cells.text("github")
    if text is None:
        return None
    match = _LOGIN.fullmatch(text.removeprefix("https://github.com/").rstrip("/"))
    if match is None:
        raise cells.unfit("github", "is no GitHub login; write it as it stands in the address of the profile")
    return match["login"]


def _addresses(cells: Cells) -> tuple[str, ...]:
    words = [word for word in _BETWEEN.split(cells.text("emails", LONGEST_ADDRESS) or "") if word]
    if not all(_ADDRESS.fullmatch(word) for word in words):
        raise cells.unfit("emails", "holds something that is no e-mail address; put spaces or semicolons between them")
    if len(words) > MOST_ADDRESSES:
        raise cells.unfit("emails", f"holds more than {MOST_ADDRESSES} addresses; keep those of one person")
    return tuple(dict.fromkeys(normalised(word) for word in words))


def _feed(cells: Cells) -> str | None:
    text = cells.text("ical", LONGEST_ADDRESS)
    if text is not None and not text.startswith(("https://", "webcal://", "http://127.0.0.1", "http://localhost")):
        raise cells.unfit("ical", "is no address that begins with https://")
    return text


def _slack(cells: Cells) -> str | None:
    text = cells.text("slack")
    if text is not None and not _SLACK.fullmatch(text):
        raise cells.unfit("slack", "is no member id of Slack, such as U024BE7LH; copy it from the profile's menu")
    return text


def _zone(cells: Cells) -> str | None:
    text = cells.text("time_zone")
    try:
        return known_zone(text) if text is not None else None
    except ValueError:
        raise cells.unfit("time_zone", "is no time zone; write an IANA name such as Europe/Amsterdam") from None


def _clock(cells: Cells, column: str) -> time | None:
    text = cells.text(column)
    try:
        moment = time.fromisoformat(text.rjust(5, "0") if re.fullmatch(r"\d:\d\d", text) else text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or moment.tzinfo is not None):
        raise cells.unfit(column, "is no time of day; write 09:00")
    return moment


def _day(cells: Cells, column: str) -> date | None:
    text = cells.text(column)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise cells.unfit(column, "is no day; write 2026-03-02") from None


def _days(cells: Cells) -> tuple[int, ...]:
    words = [word for word in _BETWEEN.split((cells.text("working_days") or "").lower()) if word]
    found: set[int] = set()
    for word in words:
        begin, _, end = word.partition("-")
        first, last = _number(begin), _number(end or begin)
        if first is None or last is None or first > last:
            raise cells.unfit("working_days", "are no days of a week; write mon-fri, or mon tue thu")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def _number(word: str) -> int | None:
    if word in ("1", "2", "3", "4", "5", "6", "7"):
        return int(word)
    return next((place for place, day in enumerate(DAYS, 1) if len(word) >= 2 and word[:3] == day[: len(word)]), None)
