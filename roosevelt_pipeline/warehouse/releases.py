"""The ledger of what was published about groups of persons: read, and added to. Nothing in it is changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.privacy.small_groups import Candidate, Reason

Connection = psycopg.Connection[Any]

SEPARATOR = ":"
KEPT_DAYS = {"week": 91, "quarter": 750}


@dataclass(frozen=True)
class Period:
    """A week or a quarter, half-open."""

    name: str
    start: date
    end: date

    @property
    def last_monday(self) -> date:
        """Monday of the ISO week in which its last day lies."""
        last_day = self.end - timedelta(days=1)
        return last_day - timedelta(days=last_day.weekday())


@dataclass
class Pending:
    """A figure and period about which nothing was decided yet.

    Attributes:
        candidates: by group, named ``scope_type:scope``.
        classes: how many persons are members of, or contribute to, just these groups.
        persons: who is in each small group.
    """

    figure: str
    period: Period
    minimum: str
    candidates: list[Candidate] = field(default_factory=list)
    members: dict[frozenset[str], int] = field(default_factory=dict)
    contributors: dict[frozenset[str], int] = field(default_factory=dict)
    persons: dict[str, frozenset[str]] = field(default_factory=dict)


def open_periods(connection: Connection) -> list[Period]:
    """Periods that have ended and have figures about which nothing was decided, oldest first."""
    rows = connection.execute(
        """
        select distinct candidates.period_end, candidates.period_start, candidates.period
        from marts.space_candidates as candidates
        where not exists (
            select from published.space_figures as decided
            where decided.figure = candidates.figure and decided.period_start = candidates.period_start
        )
        order by 1, 2
        """
    ).fetchall()
    return [Period(name, start, end) for end, start, name in rows]


def lock_releases(connection: Connection) -> None:
    """Keep other decisions waiting until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('published.space_figures', 0))")


def read_pending(connection: Connection, period: Period, small_below: int) -> list[Pending]:
    """What is to be decided of a period."""
    found: dict[str, Pending] = {}
    candidates = connection.execute(_CANDIDATES, (period.name, period.start)).fetchall()
    for figure, minimum, name, contributors, members, share in candidates:
        pending = found.setdefault(figure, Pending(figure, period, minimum))
        pending.candidates.append(Candidate(name, contributors, members, share))
    for figure, groups, contributes, count in connection.execute(_CLASSES, (list(found), period.start)).fetchall():
        key, pending = frozenset(groups), found[figure]
        pending.members[key] = pending.members.get(key, 0) + count
        if contributes:
            pending.contributors[key] = count
    small = {(one.figure, each.name) for one in found.values() for each in one.candidates if each.members < small_below}
    for figure, name, persons in connection.execute(
        _PERSONS, {"figures": list(found), "start": period.start, "below": small_below}
    ).fetchall():
        if (figure, name) in small:
            found[figure].persons[name] = frozenset(map(str, persons))
    return list(found.values())


def published_groups(connection: Connection, figure: str, around: date, days: int) -> list[frozenset[str]]:
    """Who was in small groups of which the figure was published, within some days before and after."""
    rows = connection.execute(
        """
        select array_agg(user_id) from published.space_members
        where figure = %s and abs(period_start - %s) <= %s and period_start <> %s
        group by period_start, scope_type, scope
        """,
        (figure, around, days, around),
    ).fetchall()
    return [frozenset(map(str, persons)) for (persons,) in rows]


def newest_decided(connection: Connection, figure: str) -> date | None:
    row = connection.execute("select max(period_start) from published.space_figures where figure = %s", (figure,))
    found = row.fetchone()
    return found[0] if found else None


def record(
    connection: Connection,
    pending: Pending,
    verdicts: Mapping[str, Reason | None],
    decided_at: datetime,
    run_id: UUID,
) -> None:
    """Add the decisions about a figure and period, and who is in what was published of small groups."""
    connection.execute(
        _RECORD,
        {
            "figure": pending.figure,
            "start": pending.period.start,
            "names": list(verdicts),
            "reasons": list(verdicts.values()),
            "decided_at": decided_at,
            "run_id": run_id,
        },
    )
    published = [
        (name, person)
        for name, persons in pending.persons.items()
        if verdicts[name] is None
        for person in sorted(persons)
    ]
    connection.execute(
        """
        insert into published.space_members (figure, period_start, scope_type, scope, user_id)
        select %s, %s, split_part(one.name, ':', 1), substr(one.name, strpos(one.name, ':') + 1), one.user_id
        from unnest(%s::text[], %s::uuid[]) as one (name, user_id)
        """,
        (pending.figure, pending.period.start, [name for name, _ in published], [person for _, person in published]),
    )
    connection.execute(
        "delete from published.space_members where figure = %s and period_start < %s::date - %s",
        (pending.figure, pending.period.start, KEPT_DAYS[pending.period.name]),
    )


def counted(decisions: Iterable[Mapping[str, Reason | None]]) -> dict[str, int]:
    """How many figures were published, and how many withheld for which reason."""
    counts: dict[str, int] = defaultdict(int)
    for verdicts in decisions:
        for reason in verdicts.values():
            counts[reason or "published"] += 1
    return dict(counts)


_CANDIDATES = """
select figure, minimum, scope_type || ':' || scope, n, members_count, largest_share
from marts.space_candidates as candidates
where period = %s and period_start = %s
  and not exists (
    select from published.space_figures as decided
    where decided.figure = candidates.figure and decided.period_start = candidates.period_start
  )
order by figure, scope_type, scope
"""

_CLASSES = """
select figure, groups, contributes, count(*)
from (
    select figure, user_id, contributes, array_agg(scope_type || ':' || scope order by scope_type, scope) as groups
    from marts.space_contributors
    where figure = any (%s) and period_start = %s
    group by figure, user_id, contributes
) as persons
group by figure, groups, contributes
"""

_PERSONS = """
select figure, scope_type || ':' || scope, array_agg(user_id)
from marts.space_contributors
where figure = any (%(figures)s) and period_start = %(start)s
group by figure, scope_type, scope
having count(*) < %(below)s
"""

_RECORD = """
insert into published.space_figures
    (figure, dimension, scope_type, scope, period, period_start, period_end, value, unit, n, numerator, denominator,
     status, reason, definition_version, decided_at, run_id)
select candidates.figure, candidates.dimension, candidates.scope_type, candidates.scope, candidates.period,
       candidates.period_start, candidates.period_end,
       case when verdicts.reason is null then candidates.value end, candidates.unit,
       case when verdicts.reason is null then candidates.n end,
       case when verdicts.reason is null then candidates.numerator end,
       case when verdicts.reason is null then candidates.denominator end,
       case when verdicts.reason is null then 'ok' else 'suppressed' end, verdicts.reason,
       candidates.definition_version, %(decided_at)s, %(run_id)s
from marts.space_candidates as candidates
inner join unnest(%(names)s::text[], %(reasons)s::text[]) as verdicts (name, reason)
    on candidates.scope_type || ':' || candidates.scope = verdicts.name
where candidates.figure = %(figure)s and candidates.period_start = %(start)s
"""
