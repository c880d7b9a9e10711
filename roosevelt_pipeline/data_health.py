"""The data-health report: what is wrong with the data first, what to do, then what is fine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import psycopg

from roosevelt_pipeline.settings import last_complete_day

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Role, Warehouse

SEVERITIES = {
    "error": "Wrong: numbers are incomplete or old",
    "warning": "Worth a look: numbers may be wrong",
    "note": "Good to know",
    "unknown": "Could not be judged",
}
FINE = "Fine"
MOST_SHOWN = 8
MOST_DAYS_BEHIND = 1
RELIABILITY_DAYS = 28


@dataclass(frozen=True)
class Finding:
    """Something about the data that a reader of the numbers should know; a row of ``bi.data_health``."""

    check: str
    severity: str
    scope: str
    subject: str
    value: float | None
    unit: str | None
    expected: str
    since: datetime | None
    explanation: str
    remedy: str


@dataclass(frozen=True)
class Check:
    """What was looked for: what it is called when it is found, and what is so when it is not."""

    name: str
    label: str
    holds_when: str


@dataclass(frozen=True)
class Reliability:
    """The organisation's share of complete collections. ``value`` is missing where there is none to judge."""

    value: float | None
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Health:
    """The state of the data as of a day."""

    organization: str
    as_of: date
    checks: Sequence[Check]
    findings: Sequence[Finding]
    reliability: Reliability

    def of(self, severity: str) -> list[Finding]:
        return [one for one in self.findings if one.severity == severity]

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity, worst first."""
        return {severity: len(self.of(severity)) for severity in SEVERITIES}

    def days_behind(self, today: date) -> int:
        """Complete days that the newest build knows nothing of; one is usual until the daily run."""
        return (last_complete_day(today) - self.as_of).days

    def is_bad(self, today: date) -> bool:
        """Whether numbers are incomplete or old."""
        return bool(self.of("error")) or self.days_behind(today) > MOST_DAYS_BEHIND

    @property
    def fine(self) -> list[Check]:
        """Checks that found nothing and could be judged."""
        found = {one.check for one in self.findings}
        return [check for check in self.checks if check.name not in found]


def read_health(warehouse: "Warehouse", role: "Role | None" = None) -> Health | None:
    """The findings of the newest build; ``None`` before the first."""
    with warehouse.connect(role) as connection:
        try:
            policy = connection.execute("select as_of_date, organization from bi.parameters").fetchone()
            checks = connection.execute(_CHECKS).fetchall()
            findings = connection.execute(_FINDINGS).fetchall()
            reliability = connection.execute(_RELIABILITY, [RELIABILITY_DAYS]).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return None
    if policy is None:
        return None
    return Health(
        organization=policy[1],
        as_of=policy[0],
        checks=[Check(*row) for row in checks],
        findings=[Finding(*row) for row in findings],
        reliability=Reliability(*reliability) if reliability else Reliability(None, 0, 0),
    )


def as_markdown(health: Health, today: date) -> str:
    """The report. It reads as well in a terminal as in a browser."""
    lines = [f"# Data health of {health.organization}, as of {_day(health.as_of)}", "", _summary(health)]
    if (days := health.days_behind(today)) > MOST_DAYS_BEHIND:
        lines += [
            "",
            f"**Nothing was built for {days} days**: what follows is how things stood then. "
            "See why the daily job does not run (`roosevelt status`), or run it: `roosevelt run daily`.",
        ]
    for severity, title in SEVERITIES.items():
        if found := health.of(severity):
            lines += ["", f"## {title}", *_section(health, found)]
    if fine := health.fine:
        lines += ["", f"## {FINE}", "", *(f"- {check.holds_when}" for check in fine)]
    return "\n".join(lines) + "\n"


def _summary(health: Health) -> str:
    errors, warnings, notes, unknowns = health.counts.values()
    parts = [_plural(errors, "error"), _plural(warnings, "warning"), _plural(notes, "note")]
    if unknowns:
        parts.append(f"{unknowns} not judged")
    judged = f"**{', '.join(parts)}**; {len(health.fine)} of {len(health.checks)} checks found nothing."
    return f"{judged}\n{_reliability(health.reliability)}"


def _reliability(said: Reliability) -> str:
    if said.value is None:
        return "Collection reliability: no data yet; it counts from the first whole day after the first collection."
    return (
        f"Collection reliability: {said.value:.1f} % ({said.numerator:,} of {said.denominator:,} scheduled "
        f"collections of the last {RELIABILITY_DAYS} days read everything)."
    )


def _section(health: Health, findings: Sequence[Finding]) -> Iterator[str]:
    labels = {check.name: check.label for check in health.checks}
    for name, group in groupby(findings, key=lambda one: one.check):
        found = list(group)
        yield from ("", f"### {labels[name]}", "")
        yield from (f"- {_line(one)}" for one in found[:MOST_SHOWN])
        if (rest := len(found) - MOST_SHOWN) > 0:
            yield f"- and {rest} more: `select * from bi.data_health where check_name = '{name}'`"
        if found[0].severity != "unknown":
            yield from ("", f"What to do: {found[0].remedy}")


def _line(one: Finding) -> str:
    """What it is about, what was seen, how it should be, since when."""
    about = f"**{one.scope}**" + (f" ({one.subject.removeprefix('github_').replace('_', ' ')})" if one.subject else "")
    if one.severity in ("note", "unknown"):
        return f"{about}: {one.explanation}"
    facts = [f"{_number(one.value)} {one.unit}"] if one.value is not None and one.unit else []
    facts += [f"expected: {one.expected}"]
    facts += [f"since {_day(one.since.date())}"] if one.since else []
    return f"{about}: {one.explanation} ({'; '.join(facts)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


_CHECKS = "select check_name, label, holds_when from bi.data_health_checks order by check_number"
_FINDINGS = """
    select
        found.check_name, found.severity, found.scope, found.subject, found.value, found.unit, found.expected,
        found.since, found.explanation, found.remedy
    from bi.data_health as found
    inner join bi.data_health_checks as checks on found.check_name = checks.check_name
    order by
        array_position(array['error', 'warning', 'note', 'unknown'], found.severity),
        checks.check_number, found.scope, found.subject
"""
_RELIABILITY = """
    select rolling.value, rolling.numerator::int, rolling.denominator::int
    from bi.metric_rolling as rolling
    inner join bi.parameters as policy on rolling.metric_date <= policy.as_of_date
    where
        rolling.metric = 'collection_reliability_pct' and rolling.scope_type = 'organization'
        and rolling.window_days = %s
    order by rolling.metric_date desc
    limit 1
"""
