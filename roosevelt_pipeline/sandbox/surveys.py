"""What the company's people say when they are asked once a quarter: by the mood of their team, and not all of them.

Most agreed to take part, some did not and answer all the same, as links get passed on. Some answer
twice; what they write names colleagues, as people do.
"""

from dataclasses import asdict, dataclass, field

from roosevelt_pipeline.sandbox.people import Person
from roosevelt_pipeline.sandbox.rhythm import DAY, HOUR, date_of, is_working_day, iso, office_hours
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.truth import SurveyTruth
from roosevelt_pipeline.sandbox.world import World

PILOT_AFTER_DAYS = 14  # the first survey of a company that was founded in the middle of a quarter
TAKES_PART_SHARE = 0.85
LINKS_SHARE = 0.25
LOGIN_ONLY_SHARE = 0.3
ANSWERS_SHARE = 0.75
STRANGER_ANSWERS_SHARE = 0.2
AGAIN_SHARE = 0.1
WRITES_SHARE = 0.4
SKIPS_SHARE = 0.06
DAYS_TO_ANSWER = 4.0
LATEST_DAYS = 20
WORDS = (
    "Thanks to {name}, the release went well.", "Too many meetings. {name} agrees.", "Die Übergabe war gut; weiter so!",
    "=SUM(A1:A9) is what my week feels like", "I would like to\npair with {name} more often", "Fine.",
    "+1 to fewer alerts",
)  # fmt: skip


@dataclass
class _Employee:
    person: Person
    takes_part: bool
    links_survey: bool
    tells_number: bool
    answered: dict[str, SurveyTruth] = field(default_factory=dict)


class Surveys:
    """Asks everybody when a quarter begins. Draws from a stream of its own."""

    def __init__(self, world: World) -> None:
        self._world, self._rng = world, world.chance("surveys")
        self._employees: list[_Employee] = []
        self._moods: dict[str | None, float] = {}
        self._founded_on: int | None = None
        self._held: set[str] = set()
        self._count = 0

    def begin_day(self, day: int) -> None:
        if self._founded_on is None:
            self._founded_on = day
            self._hire(day)
        on = date_of(day)
        quarter = f"{on.year}-Q{(on.month + 2) // 3}"
        is_due = on.month % 3 == 1 or day >= self._founded_on + PILOT_AFTER_DAYS
        if quarter not in self._held and is_due and on.weekday() < 5 and day > self._founded_on:
            self._held.add(quarter)
            self._ask(quarter, day)

    def _hire(self, day: int) -> None:
        people = {one.id: one for repository in self._world.repositories for one in repository.cast.everyone}
        rng = self._rng
        for one in people.values():
            if not one.has_left and not one.is_bot:
                takes_part, links, number = (
                    rng.random() < share for share in (TAKES_PART_SHARE, LINKS_SHARE, 1 - LOGIN_ONLY_SHARE)
                )
                self._employees.append(_Employee(one, takes_part, links, number))
                self._world.store.put("people", _directory_row(self._employees[-1], day))
        for team in sorted({one.team or "" for one in people.values()}):
            self._moods[team or None] = rng.uniform(2.9, 4.3)

    def _ask(self, quarter: str, day: int) -> None:
        rng, at = self._rng, day * DAY + 9 * HOUR
        for team in self._moods:
            self._moods[team] = min(4.6, max(2.2, self._moods[team] + rng.uniform(-0.4, 0.4)))
        for one in self._employees:
            answers = rng.random() < (ANSWERS_SHARE if one.takes_part else STRANGER_ANSWERS_SHARE)
            days = min(LATEST_DAYS, 1 + int(rng.expovariate(1 / DAYS_TO_ANSWER)))
            again = rng.random() < AGAIN_SHARE
            if one.takes_part:
                one.answered[quarter] = SurveyTruth(one.person.id, one.person.team, quarter, one.links_survey, iso(at))
                self._write(one, quarter)
            if answers:
                self._plan(one, quarter, day + days)
            if answers and again:
                self._plan(one, quarter, day + days + 2)

    def _plan(self, one: _Employee, quarter: str, day: int) -> None:
        """On a working day, in working hours, before the quarter is over."""
        while not is_working_day(one.person.zone, day):
            day += 1
        opens, closes = office_hours(one.person.zone, day)
        on = date_of(day)
        if f"{on.year}-Q{(on.month + 2) // 3}" == quarter:
            self._world.agenda.at(opens + self._rng.randrange(closes - opens), self._answer, one, quarter)

    def _answer(self, one: _Employee, quarter: str) -> None:
        rng, at = self._rng, iso(self._world.now)
        satisfaction = min(5, max(1, round(rng.gauss(self._moods[one.person.team], 0.8))))
        nps = min(10, max(0, round(satisfaction * 2 + rng.gauss(0, 1.2))))
        skips = rng.random() < SKIPS_SHARE
        colleague = rng.choice(self._employees).person.name
        words = rng.choice(WORDS).format(name=colleague) if rng.random() < WRITES_SHARE else None
        self._count += 1
        answer: Doc = {
            "id": self._count, "person_id": one.person.id, "email": one.person.email, "zone": one.person.zone,
            "quarter": quarter, "answered_at": at, "nps_score": None if skips else nps,
            "satisfaction_score": satisfaction, "feedback": words,
        }  # fmt: skip
        self._world.store.put("survey_answers", answer)
        if truth := one.answered.get(quarter):
            truth.answered_at, truth.feedback = at, words
            truth.nps_score, truth.satisfaction_score = answer["nps_score"], satisfaction
            self._write(one, quarter)

    def _write(self, one: _Employee, quarter: str) -> None:
        self._world.store.put("truth_surveys", asdict(one.answered[quarter]))


def _directory_row(one: _Employee, day: int) -> Doc:
    """What the company's directory says of a person."""
    person = one.person
    addresses = [person.email, *([person.other_email] if person.other_email else [])]
    return {
        "id": person.id, "github": person.login, "github_id": person.id if one.tells_number else None,
        "emails": " ".join(addresses), "slack": f"U{person.id:08}", "time_zone": person.zone,
        "workday_start": _clock(person.works_from), "workday_end": _clock(person.works_to),
        "working_days": "mon-fri", "team": person.team,
        "opted_in": date_of(day).isoformat() if one.takes_part else None,
        "link_survey": "yes" if one.links_survey else "no",
    }  # fmt: skip


def _clock(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds % HOUR // 60:02}"
