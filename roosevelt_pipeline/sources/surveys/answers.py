"""A row of a file, or a response of a form, to an answer: who, when, two scores and a text.

A file may also tell when somebody was asked, with an answer beside it or without.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from roosevelt_pipeline.privacy.identities import Person, known, normalised
from roosevelt_pipeline.settings import SurveyImport
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.sources.surveys.quarters import Quarter, parse_quarter, quarter_of

REQUIRED = ("respondent", "answered_at")
NPS, SATISFACTION = (0, 10), (1, 5)
LONGEST_FEEDBACK = 5_000
_EARLIEST = date(2000, 1, 1)
_SCORE = re.compile(r"(?P<whole>\d{1,9})(?:[.,]0+)?")
_MOMENT = re.compile(
    r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|(?:GMT|UTC)?(?:[+-]\d{1,2}(?::?\d\d)?)?|(?P<letters>[A-Z]{3,5}))?)?"
)


@dataclass(frozen=True)
class Answer:
    """One answer of one person, before it lands.

    Attributes:
        respondent: provider and id of the identity that answered.
        answered_at: orders the answers of a person.
        answered_on: the day on the respondent's clock, as far as the source tells it.
        feedback: what was written; lives in memory until it is sealed.
        invited_at: when the person was asked, if the source tells it. Of who did not answer it stands for all times.
    """

    respondent: tuple[str, str] = field(repr=False)
    answered_at: datetime
    answered_on: date
    quarter: Quarter
    nps_score: int | None
    satisfaction_score: int | None
    feedback: str | None = field(default=None, repr=False)
    invited_at: datetime | None = None

    @property
    def is_answered(self) -> bool:
        """Whether anything was answered at all."""
        return not (self.nps_score is None and self.satisfaction_score is None and self.feedback is None)


def read_answer(cells: Cells) -> Answer:
    """A row as an answer.

    Raises:
        Unfit: it cannot be kept. Names the column and the remedy, never what stands in it.
    """
    respondent = identity_of(cells.required("respondent"))
    asked = _moment(cells, "invited_at")
    answered = _moment(cells, "answered_at") or asked
    if answered is None:
        raise cells.unfit("answered_at", "is empty")
    moment, day = answered
    answer = Answer(
        respondent, moment, day, _quarter(cells, day), score(cells, "nps_score", *NPS),
        score(cells, "satisfaction_score", *SATISFACTION), cells.prose("feedback", LONGEST_FEEDBACK),
        asked[0] if asked else None,
    )  # fmt: skip
    if not answer.is_answered and (asked is None or cells.text("answered_at") is not None):
        raise Unfit(None, "answers nothing: no score and no text; fill in one of them, or leave the row out")
    return answer


def identity_of(respondent: str) -> tuple[str, str]:
    """Provider and id: an address is one of the person's e-mail addresses, anything else the directory's survey id."""
    text = normalised(respondent)
    if "@" not in text:
        return "survey address", text
    person = known(Person(None, email=text))
    return ("github", str(person.account_id)) if person.account_id is not None else ("email", person.email or text)


def score(cells: Cells, column: str, least: int, most: int) -> int | None:
    """A whole number on a scale; as Excel may write it, with a comma and zeros after it."""
    text = cells.text(column)
    if text is None:
        return None
    match = _SCORE.fullmatch(text)
    if match is None or not least <= int(match["whole"]) <= most:
        raise cells.unfit(column, f"is no whole number from {least} to {most}")
    return int(match["whole"])


def _quarter(cells: Cells, day: date) -> Quarter:
    text = cells.text("quarter")
    if text is None:
        return quarter_of(day)
    quarter = parse_quarter(text)
    if quarter is None:
        raise cells.unfit("quarter", "is no quarter; write 2026-Q3, or leave it out and the day of the answer decides")
    return quarter


def _moment(cells: Cells, column: str) -> tuple[datetime, date] | None:
    """When something was, in UTC, and which day that was there; ``None`` for an empty cell."""
    text = cells.text(column)
    if text is None:
        return None
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise cells.unfit(column, "is no day or time that we know; write 2026-03-02 or 2026-03-02T12:00:00Z")
    try:
        day = _day(cells, column, match)
        moment = datetime.combine(day, _clock(match))
    except Unfit:
        raise
    except ValueError:
        raise cells.unfit(column, "is no day of the calendar, or no time of day") from None
    zone = _lettered(cells, column, match["letters"], moment) if match["letters"] else _zone(cells, column, match)
    if not _EARLIEST <= day <= (cells.now + timedelta(days=1)).date():
        raise cells.unfit(column, "lies before 2000 or in the future")
    return moment.replace(tzinfo=zone).astimezone(UTC), day


def _day(cells: Cells, column: str, match: re.Match[str]) -> date:
    first, second, third = match["a"], match["b"], match["c"]
    if len(first) == 4:
        return date(int(first), int(second), int(third))
    if len(third) != 4:
        raise ValueError("no year")
    settings = cells.settings
    order = settings.dates if isinstance(settings, SurveyImport) else "iso"
    if order == "iso":
        raise cells.unfit(
            column, f"does not begin with the year; say how days are written with {settings.place('dates')}"
        )
    day, month = (first, second) if order == "day-month-year" else (second, first)
    return date(int(third), int(month), int(day))


def _clock(match: re.Match[str]) -> time:
    if match["hour"] is None:
        return time()
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    return time(hour, int(match["minute"]), int(match["second"] or 0))


def _lettered(cells: Cells, column: str, letters: str, moment: datetime) -> timezone:
    """A zone by letters, as Google's forms write it (EST): zones share them, so they must be the declared zone's."""
    declared = cells.settings.timezone
    there = [moment.replace(tzinfo=ZoneInfo(declared), fold=fold) for fold in (0, 1)] if declared else []
    offsets = [one.utcoffset() for one in there if one.tzname() == letters]
    if not offsets or offsets[0] is None:
        raise cells.unfit(
            column, f"names a zone by letters; declare which it is with {cells.settings.place('timezone')}"
            if declared is None else f"names a zone by letters that {declared} does not have then",
        )  # fmt: skip
    return timezone(offsets[0])


def _zone(cells: Cells, column: str, match: re.Match[str]) -> timezone | ZoneInfo:
    """The zone that the cell names, else the declared one. A day without a time needs none."""
    name = match["zone"] or ""
    if offset := re.search(r"([+-])(\d{1,2}):?(\d\d)?$", name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60:
            raise cells.unfit(column, "names no zone that there is")
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if cells.settings.timezone and not name:
        return ZoneInfo(cells.settings.timezone)
    if match["hour"] is not None and not name:
        raise cells.unfit(
            column, f"has no zone; write 2026-03-02T12:00:00Z, or declare {cells.settings.place('timezone')}"
        )
    return UTC
