"""Every rule on every scope: where it stands on a day, and how it would have stood in the past."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.alerting.lifecycle import Standing, after, key_of, next_step
from roosevelt_pipeline.alerting.rules import Observation, Status, Verdict, judge, status_of

WESTERN_LAG = timedelta(days=1)
Place = tuple[str, str, str]  # metric, scope type, scope


@dataclass(frozen=True)
class Judged:
    """A rule and scope, with what its message needs.

    Attributes:
        day: newest day that was complete where the scope is, which may be the day before that of the organisation.
    """

    rule: AlertRule
    metric: str
    label: str
    unit: str
    scope_type: str
    scope: str
    day: date
    status: Status
    said: str
    value: float | None = None
    target: float | None = None
    n: float | None = None
    chance: float | None = None

    @property
    def key(self) -> str:
        return key_of(self.rule.name, self.metric, self.scope_type, self.scope)


@dataclass(frozen=True)
class Episode:
    """An alert as it would have been: from its opening to its end, which is missing while it lasts."""

    rule: str
    metric: str
    scope_type: str
    scope: str
    opened: date
    ended: date | None
    said: str


def judged_on(rule: AlertRule, seen: Iterable[Observation], day: date) -> list[Judged]:
    """Where the rule stands on a day, one for each scope that was ever seen.

    A day ends later in the west, so a scope's newest day may be the one before: it is that day that is judged.
    """
    found = []
    for (metric, scope_type, scope), (days, verdicts) in _by_place(rule, seen).items():
        last = max(days)
        own = last if last >= day - WESTERN_LAG else day
        one, verdict = days.get(own), verdicts.get(own)
        found.append(
            Judged(
                rule, metric, days[last].label, days[last].unit, scope_type, scope, own,
                status_of(rule, verdicts, own),
                verdict.said if verdict else "nothing is known of the day", one.now.value if one else None,
                verdict.target if verdict else None, one.now.n if one else None, verdict.chance if verdict else None,
            )
        )  # fmt: skip
    return found


def replay(rule: AlertRule, seen: Iterable[Observation], expires_after: int) -> Iterator[Episode]:
    """The alerts that there would have been, by the same steps that are taken each day."""
    for place, (_, verdicts) in _by_place(rule, seen).items():
        standing: Standing | None = None
        said = ""
        for day in sorted(verdicts):
            status = status_of(rule, verdicts, day)
            step = next_step(rule, standing, status, day, expires_after)
            said = verdicts[day].said if step == "open" else said
            before, standing = standing, after(step, standing, status, day)
            if before is not None and before.ended is None and standing is not None and standing.ended is not None:
                yield Episode(rule.name, *place, standing.opened, standing.ended, said)
        if standing is not None and standing.ended is None:
            yield Episode(rule.name, *place, standing.opened, None, said)


def _by_place(
    rule: AlertRule, seen: Iterable[Observation]
) -> dict[Place, tuple[dict[date, Observation], dict[date, Verdict]]]:
    places: dict[Place, tuple[dict[date, Observation], dict[date, Verdict]]] = defaultdict(lambda: ({}, {}))
    for one in seen:
        days, verdicts = places[one.metric, one.scope_type, one.scope]
        days[one.day], verdicts[one.day] = one, judge(rule, one)
    return places
