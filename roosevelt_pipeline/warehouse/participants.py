"""Periods of taking part in SPACE: begun and ended by what the directory says, and by what a person says."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from uuid import UUID

import psycopg

from roosevelt_pipeline.warehouse.people_settings import Days, write_days
from roosevelt_pipeline.warehouse.withdrawal import remove_withdrawn

Connection = psycopg.Connection[Any]
Reason = Literal["opted out", "no longer listed", "other terms"]


@dataclass(frozen=True)
class Wish:
    """What the directory says of one person.

    Attributes:
        user_id: surrogate of the person's account, or of the first address.
        opted_in, opted_out: the later of the two days holds.
        links_survey: whether answers may carry ``user_id``.
    """

    user_id: UUID
    opted_in: date | None
    opted_out: date | None
    links_survey: bool
    days: Days


@dataclass(frozen=True)
class Period:
    """A period of taking part, under the person's lasting surrogate as well as the one that it was begun with."""

    person: UUID
    user_id: UUID
    started_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    survey_user_id: UUID | None
    channel: str


@dataclass
class Changes:
    """What a look at the directory changed."""

    begun: int = 0
    ended: int = 0
    taking_part: int = 0
    rows_deleted: int = 0


def lock_participants(connection: Connection) -> None:
    """Keep other writers of participants waiting until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('roosevelt participants', 0))")


def hold_participants(connection: Connection) -> None:
    """Let nobody begin or end taking part until the transaction ends; others may hold them so as well.

    Whoever stores something about participants does this first: what lands is then either refused, as somebody has
    opted out, or deleted when somebody does.
    """
    connection.execute("select pg_advisory_xact_lock_shared(hashtextextended('roosevelt participants', 0))")


def follow_directory(
    connection: Connection,
    wishes: Sequence[Wish],
    now: datetime,
    text_version: str,
    own_surrogate: Callable[[UUID], UUID],
    *,
    is_complete: bool,
    usual: Days,
) -> Changes:
    """Begin and end periods as the directory has it, in the caller's transaction. The same directory changes nothing.

    What a person decided by command holds against an older day of the directory. Whoever is no
    longer listed takes part no longer, but is not taken to have withdrawn: what was read stays.

    Args:
        own_surrogate: gives the surrogate under which a person answers who did not agree to be linked.
        is_complete: every row could be read, so whoever is missing is no longer listed.
        usual: the days of participants that the directory does not list.
    """
    lock_participants(connection)
    persons = _persons(connection)
    wishes_of = {persons.get(wish.user_id, wish.user_id): wish for wish in wishes}
    history = _history(connection)
    changes, withdrawn = Changes(), list[UUID]()
    for person, wish in wishes_of.items():
        periods = history.get(person, [])
        verdict, going_on = _verdict(wish, periods, now), [one for one in periods if one.ended_at is None]
        if isinstance(verdict, datetime):
            carried = _carried(wish, person, periods, persons, own_surrogate)
            if any(one.survey_user_id == carried for one in going_on):
                continue
            _end(connection, going_on, now, "other terms")
            _begin(connection, wish.user_id, now if going_on else verdict, carried, text_version, "directory")
            changes.begun += not going_on
        elif verdict and going_on:
            _end(connection, going_on, now, "opted out" if verdict == "out" else "no longer listed")
            withdrawn += [person] if verdict == "out" else []
            changes.ended += 1
    if is_complete:
        changes.ended += _end_unlisted(connection, history, wishes_of.keys(), now)
    changes.rows_deleted = sum(remove_withdrawn(connection, withdrawn).values()) if withdrawn else 0
    days_of = {person: wish.days for person, wish in wishes_of.items()}
    changes.taking_part = write_days(connection, days_of, usual, now)
    return changes


def opt_in(
    connection: Connection,
    user_id: UUID,
    now: datetime,
    text_version: str,
    own_surrogate: Callable[[UUID], UUID],
    *,
    links_survey: bool,
    usual: Days,
) -> bool:
    """Begin a period that a person asked for, in the caller's transaction. False if one is going on already."""
    lock_participants(connection)
    persons = _persons(connection)
    person = persons.get(user_id, user_id)
    periods = _history(connection).get(person, [])
    if periods and periods[-1].ended_at is None:
        return False
    wish = Wish(user_id, now.date(), None, links_survey, usual)
    carried = _carried(wish, person, periods, persons, own_surrogate)
    _begin(connection, user_id, now, carried, text_version, "command")
    write_days(connection, {}, usual, now)
    return True


def opt_out(connection: Connection, user_id: UUID, now: datetime) -> tuple[bool, dict[str, int]]:
    """End a person's period and delete what SPACE holds about the person, in the caller's transaction.

    Returns:
        whether one was going on, and how many rows were deleted by table.
    """
    lock_participants(connection)
    person = _persons(connection).get(user_id, user_id)
    periods = _history(connection).get(person, [])
    going_on = [one for one in periods if one.ended_at is None]
    if going_on:
        _end(connection, going_on, now, "opted out")
    elif periods and periods[-1].ended_because != "opted out":
        # So that an older day of the directory does not bring the person back.
        connection.execute(
            "update raw.participants set ended_because = 'opted out' where user_id = %s and started_at = %s",
            (periods[-1].user_id, periods[-1].started_at),
        )
    return bool(going_on), remove_withdrawn(connection, [user_id])


def respondents(connection: Connection, asked: Sequence[tuple[UUID, date]]) -> dict[tuple[UUID, date], UUID]:
    """What the answers of persons carry, by any surrogate of each and the day of the answer.

    Whoever did not take part on that day, or does not now, is absent. Of two accounts that turned out to be one
    person's and began on the same day it is always the same one. What it costs depends on how many are asked about, not
    on how many people there are.
    """
    rows = connection.execute(
        """
        with asked as materialized (
            select * from unnest(%(users)s::uuid[], %(days)s::date[]) as asked (user_id, day)
        ), periods as materialized (
            select known.user_id, period.survey_user_id, period.started_at, period.ended_at
            from vault.aliases_of(%(users)s::uuid[]) as known
            inner join raw.participants as period on period.user_id = known.alias_id
        )
        select distinct on (asked.user_id, asked.day) asked.user_id, asked.day, period.survey_user_id
        from asked inner join periods as period using (user_id)
        where period.survey_user_id is not null
          and asked.day >= period.started_at::date and (period.ended_at is null or asked.day <= period.ended_at::date)
          and asked.user_id in (select current.user_id from periods as current where current.ended_at is null)
        order by asked.user_id, asked.day, period.started_at desc, period.survey_user_id
        """,
        {"users": [user_id for user_id, _ in asked], "days": [day for _, day in asked]},
    )
    return {(user_id, day): survey_user_id for user_id, day, survey_user_id in rows}


def still_taking_part(connection: Connection, carried: Collection[UUID]) -> set[UUID]:
    """Those of the surrogates that answers carry whose persons take part now, also under other terms than then."""
    rows = connection.execute(
        """
        with periods as materialized (
            select user_id, survey_user_id from raw.participants where survey_user_id = any (%(carried)s)
        )
        select distinct period.survey_user_id
        from periods as period
        inner join vault.aliases_of(array(select user_id from periods)) as known using (user_id)
        inner join raw.participants as current on current.user_id = known.alias_id and current.ended_at is null
        """,
        {"carried": list(carried)},
    )
    return {survey_user_id for (survey_user_id,) in rows}


def _verdict(wish: Wish, periods: Sequence[Period], now: datetime) -> datetime | Literal["out", "unlisted"] | None:
    """When a period begins or began, that one ends, or ``None`` where the directory has nothing to say."""
    today = now.date()
    last = periods[-1] if periods else None
    opted_in = wish.opted_in if wish.opted_in and wish.opted_in <= today else None
    opted_out = wish.opted_out if wish.opted_out and wish.opted_out <= today else None
    if opted_out and not (opted_in and opted_in > opted_out):
        asked_later = (
            last and last.ended_at is None and last.channel == "command" and last.started_at.date() > opted_out
        )
        return None if asked_later else "out"
    if opted_in is None:
        return "unlisted" if last and last.ended_at is None and last.channel == "directory" else None
    if last is None or last.ended_at is None:
        return _midnight(opted_in)
    if last.ended_because == "opted out":
        return _midnight(opted_in) if opted_in > last.ended_at.date() else None
    return now


def _carried(
    wish: Wish, person: UUID, periods: Sequence[Period], persons: dict[UUID, UUID], own: Callable[[UUID], UUID]
) -> UUID:
    """The surrogate of the person's answers: for ever the same one, where they may not be linked."""
    if wish.links_survey:
        return wish.user_id
    before = [one.survey_user_id for one in periods if one.survey_user_id is not None]
    return next((one for one in before if persons.get(one, one) != person), None) or own(wish.user_id)


def _persons(connection: Connection) -> dict[UUID, UUID]:
    return dict(connection.execute("select user_id, canonical_user_id from raw.people").fetchall())


def _history(connection: Connection) -> dict[UUID, list[Period]]:
    rows = connection.execute(
        """
        select coalesce(people.canonical_user_id, period.user_id), period.user_id, period.started_at, period.ended_at,
               period.ended_because, period.survey_user_id, period.channel
        from raw.participants as period left join raw.people using (user_id)
        order by period.ended_at nulls last, period.started_at
        """
    )
    history: dict[UUID, list[Period]] = {}
    for row in rows:
        period = Period(*row)
        history.setdefault(period.person, []).append(period)
    return history


def _begin(
    connection: Connection, user_id: UUID, at: datetime, survey_user_id: UUID, text_version: str, channel: str
) -> None:
    connection.execute(
        "insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel) "
        "values (%s, %s, %s, %s, %s)",
        (user_id, at, survey_user_id, text_version, channel),
    )


def _end(connection: Connection, periods: Sequence[Period], now: datetime, reason: Reason) -> None:
    """End periods; more than one goes on where two accounts turned out to be one person."""
    for period in periods:
        connection.execute(
            "update raw.participants "
            "set ended_at = greatest(%s, started_at + interval '1 microsecond'), ended_because = %s "
            "where user_id = %s and started_at = %s",
            (now, reason, period.user_id, period.started_at),
        )


def _end_unlisted(
    connection: Connection, history: dict[UUID, list[Period]], listed: Collection[UUID], now: datetime
) -> int:
    gone = [
        periods[-1]
        for person, periods in history.items()
        if person not in listed and periods[-1].ended_at is None and periods[-1].channel == "directory"
    ]
    _end(connection, gone, now, "no longer listed")
    return len(gone)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
