"""What becomes of an alert: one for each rule and scope, from its opening to its end. No clock, no table."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.alerting.rules import Status

Step = Literal["nothing", "open", "stay", "repeat", "recover", "expire"]


@dataclass(frozen=True)
class Standing:
    """An alert as it stands.

    Attributes:
        opened: day on which it began.
        known: newest day on which it could be judged.
        told: newest day on which it was told; missing while nobody was.
        ended: day on which it ended.
        is_acknowledged: somebody sees to it, so it is not repeated.
    """

    opened: date
    known: date
    told: date | None = None
    ended: date | None = None
    is_acknowledged: bool = False


def next_step(rule: AlertRule, standing: Standing | None, status: Status, day: date, expires_after: int) -> Step:
    """What happens on a day to an alert, or to the lack of one.

    Data that stop coming never end an alert as a recovery: it waits, and expires when nothing was known for long.
    """
    if standing is None or standing.ended is not None:
        if status != "firing" or _rests(rule, standing, day):
            return "nothing"
        return "open"
    if status == "ok":
        return "recover"
    if status == "unknown":
        return "expire" if (day - standing.known).days >= expires_after else "stay"
    if status == "firing" and standing.told and not standing.is_acknowledged:
        return "repeat" if (day - standing.told).days >= rule.repeat_days else "stay"
    return "stay"


def after(step: Step, standing: Standing | None, status: Status, day: date) -> Standing | None:
    """The alert after a step, where all is told that should be: for replays of history."""
    if step == "open":
        return Standing(day, day, day)
    if standing is None or step == "nothing":
        return standing
    if step in ("recover", "expire"):
        return replace(standing, ended=day)
    known = standing.known if status == "unknown" else day
    return replace(standing, known=known, told=day if step == "repeat" else standing.told)


def key_of(rule: str, metric: str, scope_type: str, scope: str) -> str:
    """The same for ever: what makes two findings one alert."""
    return f"{rule}|{metric}|{scope_type}|{scope}"


def _rests(rule: AlertRule, standing: Standing | None, day: date) -> bool:
    return standing is not None and standing.ended is not None and (day - standing.ended).days < rule.cool_down_days
