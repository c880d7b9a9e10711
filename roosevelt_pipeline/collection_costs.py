"""What a collection cost and brought, summed up for people: totals that plot, and a short table."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.collections import StreamOutcome

COSTS = ("requests", "points", "bytes", "rows_seen", "versions_added", "rejects", "seconds_waited", "carried")
# GitHub tells how many issues there are, of which only those with an incident label are ours.
COUNTED = ("github_pull_requests", "github_deployments", "github_releases")
LONGEST_TABLE = 10
Key = tuple[str, str]
"""A stream, and the scope (a repository's id) in it."""
Totals = dict[str, float | int]


def living_rows(connection: "psycopg.Connection", outcomes: Iterable["StreamOutcome"]) -> dict[Key, int]:
    """How many rows that are not deleted we hold, wherever GitHub said how many there are.

    Args:
        connection: as a role that reads raw.
    """
    scopes: dict[str, list[str]] = defaultdict(list)
    for one in outcomes:
        if one.remote_count is not None and one.stream in COUNTED:
            scopes[one.stream].append(str(one.repository_id))
    found: dict[Key, int] = {}
    for stream, wanted in scopes.items():
        query = sql.SQL("select scope, count(*) from {} where not deleted and scope = any(%s) group by scope")
        rows = connection.execute(query.format(sql.Identifier("raw", stream)), [wanted]).fetchall()
        found |= {(stream, scope): 0 for scope in wanted} | {(stream, scope): count for scope, count in rows}
    return found


def totals(outcomes: Sequence["StreamOutcome"], living: Mapping[Key, int]) -> Totals:
    """Sums over outcomes. GitHub's count and ours cover what both are known of, and are missing where nothing is."""
    summed: Totals = {name: sum(getattr(one, name) for one in outcomes) for name in COSTS}
    summed["seconds_waited"] = round(summed["seconds_waited"], 3)
    counted = [one for one in outcomes if _key(one) in living]
    if counted:
        summed["remote_count"] = sum(one.remote_count or 0 for one in counted)
        summed["our_count"] = sum(living[_key(one)] for one in counted)
    return summed


def repositories_table(outcomes: Sequence["StreamOutcome"], living: Mapping[Key, int]) -> str:
    """One stream over repositories, in Markdown: first where the counts differ, then what cost most."""
    return _table("repository", outcomes, living, lambda one: one.repository)


def streams_table(outcomes: Sequence["StreamOutcome"], living: Mapping[Key, int]) -> str:
    """One repository over its streams, in Markdown."""
    return _table("stream", outcomes, living, lambda one: one.stream.removeprefix("github_"))


def _table(
    subject: str,
    outcomes: Sequence["StreamOutcome"],
    living: Mapping[Key, int],
    name: Callable[["StreamOutcome"], str],
) -> str:
    ordered = sorted(outcomes, key=lambda one: (not _differs(one, living), one.outcome != "failed", -one.requests))
    shown = ordered[:LONGEST_TABLE]
    lines = [
        f"| {subject} | requests | points | seen | new | rejected | waited | GitHub has | we have | |",
        "| :-- | --: | --: | --: | --: | --: | --: | --: | --: | :-- |",
        *(f"| {name(one)} | {_cells(one, living)} |" for one in shown),
    ]
    if rest := ordered[LONGEST_TABLE:]:
        requests = sum(one.requests for one in rest)
        lines.append(f"| {len(rest)} more | {requests:,} | | | | | | | | |")
    return "\n".join(lines)


def _cells(one: "StreamOutcome", living: Mapping[Key, int]) -> str:
    known = _key(one) in living
    counts = [f"{one.remote_count:,}", f"{living[_key(one)]:,}"] if known else ["", ""]
    said = ", ".join(_remarks(one, living))
    numbers = (one.requests, one.points, one.rows_seen, one.versions_added, one.rejects)
    return " | ".join([*(f"{number:,}" for number in numbers), f"{one.seconds_waited:.0f} s", *counts, said])


def _remarks(one: "StreamOutcome", living: Mapping[Key, int]) -> Iterable[str]:
    if one.outcome == "failed":
        yield "failed"
    elif _differs(one, living):
        yield "counts differ"
    if one.carried:
        yield f"{one.carried:,} open ones left to the next run"


def _differs(one: "StreamOutcome", living: Mapping[Key, int]) -> bool:
    return _key(one) in living and living[_key(one)] != one.remote_count


def _key(one: "StreamOutcome") -> Key:
    return one.stream, str(one.repository_id)
