"""What was told already: the same insight is not told every day."""

from dataclasses import dataclass
from datetime import date

from roosevelt_pipeline.stats.insights.choosing import Answer
from roosevelt_pipeline.stats.insights.parameters import Parameters


@dataclass(frozen=True)
class Known:
    """What an earlier day left of an insight.

    Attributes:
        seen: newest day on which it was found.
        since: first day of those on which it was found without a longer pause.
        told: newest day on which it was told; missing if it never was, because another scope's was.
        ratio: its effect when it was told.
    """

    seen: date
    since: date
    told: date | None
    ratio: float | None


@dataclass(frozen=True)
class Telling:
    """Whether an insight is told today, and why: new, changed, again, or not, for known or same_as_another."""

    is_told: bool
    why: str
    since: date
    told: date | None
    ratio: float | None


def tell(answer: Answer, known: Known | None, today: date, parameters: Parameters) -> Telling:
    """Decide about one insight that was found today.

    Args:
        known: of the same key, from a day before today; missing if there is none.
    """
    finding = answer.question.finding
    if finding is None:
        raise ValueError(f"{answer.key}: nothing was found that could be told")
    return tell_again(answer.question.kind, finding.ratio, answer.same_as, known, today, parameters)


def tell_again(
    kind: str, effect: float, same_as: str | None, known: Known | None, today: date, parameters: Parameters
) -> Telling:
    """The same of any kind: ``effect`` is what has to have changed to be news."""
    is_over = known is None or (today - known.seen).days > parameters.repeat_days
    since = today if known is None or is_over else known.since
    before, ratio = (None, None) if known is None else (known.told, known.ratio)
    if same_as is not None:
        return Telling(False, "same_as_another", since, before, ratio)
    why = _why(is_over, before, ratio, effect, kind, today, parameters)
    return Telling(True, why, since, today, effect) if why else Telling(False, "known", since, before, ratio)


def _why(
    is_over: bool, told: date | None, before: float | None, ratio: float, kind: str, today: date, parameters: Parameters
) -> str:
    if is_over or told is None or before is None:
        return "new"
    if not 1 / parameters.material < ratio / max(before, 1e-12) < parameters.material:
        return "changed"
    # A week is news once.
    return "again" if kind != "last_week" and (today - told).days >= parameters.repeat_days else ""
