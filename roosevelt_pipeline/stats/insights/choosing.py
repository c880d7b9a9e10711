"""Which answers stand up to all the questions that were asked, and in which order they are worth reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log10, sqrt

import numpy as np

from roosevelt_pipeline.stats.correlations.discoveries import false_discovery_rates
from roosevelt_pipeline.stats.insights.parameters import KINDS, Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question

_NARROWEST = ("team", "service", "organization")  # who is told first of what is the same
_FULL_EFFECT, _FULL_SURENESS = 4.0, 6.0


@dataclass(frozen=True)
class Answer:
    """A question after all the others.

    Attributes:
        fdr: rate of false ones among this and the less probable answers of its kind; missing where nothing was tested.
        status: found, nothing_found, not_enough_data or no_data. Nothing is said to be absent where a large effect
            would mostly have been missed.
        usefulness: from 0 to 100; missing unless found.
        same_as: key of the answer of another scope that rests on the very same events, and is told instead.
    """

    question: Question
    fdr: float | None
    status: str
    usefulness: float | None
    same_as: str | None = None

    @property
    def key(self) -> str:
        """What makes it the same insight tomorrow."""
        subject = self.question.finding.subject if self.question.finding else ""
        return ":".join((self.question.kind, self.question.of.scope_type, self.question.of.scope,
                         self.question.metric, subject))  # fmt: skip


def choose(questions: Sequence[Question], parameters: Parameters) -> list[Answer]:
    """Judge all questions of a run together; the most useful answers first."""
    answers = []
    for kind in KINDS:
        some = [one for one in questions if one.kind == kind]
        rates = false_discovery_rates(np.array([np.nan if one.chance is None else one.chance for one in some]))
        answers += [_judged(one, float(rate), parameters) for one, rate in zip(some, rates, strict=True)]
    return sorted(_without_echoes(answers), key=_order)


def _judged(question: Question, rate: float, parameters: Parameters) -> Answer:
    if question.status != "tested" or question.finding is None:
        return Answer(question, None, question.status, None)
    finding = question.finding
    is_large = max(finding.ratio, 1 / max(finding.ratio, 1e-12)) >= parameters.least_ratio[question.kind]
    if rate < parameters.level and is_large:
        return Answer(question, rate, "found", usefulness(question.kind, finding, rate))
    return Answer(question, rate, "nothing_found" if question.is_conclusive else "not_enough_data", None)


def usefulness(kind: str, finding: Finding, rate: float) -> float:
    """What can be done about it, times how large it is (full at a factor of 4), how sure (full at a rate of one in a
    million), and how much of the scope's work it concerns (as a root, since a part is where to begin).

    >>> from datetime import date
    >>> day = date(2026, 1, 1)
    >>> friday = Finding("on Fridays", False, 40, 10, "percent", 4.0, 2, 8, 100, 300, 0.25, day, day, "")
    >>> usefulness("weekday_failures", friday, 1e-6)
    50.0
    """
    size = min(1.0, abs(log(max(finding.ratio, 1e-12))) / log(_FULL_EFFECT))
    sureness = min(1.0, -log10(max(rate, 1e-300)) / _FULL_SURENESS)
    return round(100 * KINDS[kind] * size * sureness * sqrt(min(1.0, max(0.0, finding.reach))), 2)


def _order(answer: Answer) -> tuple[object, ...]:
    return (answer.status != "found", -(answer.usefulness or 0.0), answer.key)


def _without_echoes(answers: Sequence[Answer]) -> list[Answer]:
    """A team with one service says the same twice: the team is told, and the service points to it."""
    first: dict[tuple[object, ...], str] = {}
    judged = []
    for answer in sorted(answers, key=lambda one: (_NARROWEST.index(one.question.of.scope_type), one.key)):
        finding = answer.question.finding
        if answer.status != "found" or finding is None:
            judged.append(answer)
            continue
        events = (answer.question.kind, answer.question.metric, finding.subject, finding.n, finding.n_compared,
                  round(finding.observed, 9), round(finding.compared, 9))  # fmt: skip
        same = first.setdefault(events, answer.key)
        judged.append(Answer(answer.question, answer.fdr, answer.status, answer.usefulness,
                             None if same == answer.key else same))  # fmt: skip
    return judged
