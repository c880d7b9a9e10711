"""A number that was taken apart, for the terminal and for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from roosevelt_pipeline.explain import Explanation, Item, Number

MOST_SHOWN = 20
_REASONS = {
    "machine": "by a machine",
    "first_deployment": "shipped by the service's first deployment, so nobody knows since when it was in production",
    "not_yet_deployed": "not deployed yet",
    "in_no_later_deployment": "merged, and in no deployment since",
    "stacked_and_not_deployed": "merged into another pull request, and never deployed",
    "no_commits": "its commits are not known",
    "deployed_before_its_commits": "deployed before its first commit: a negative lead time is nobody's",
    "same_sha_again": "the same sha as the deployment before it",
    "environment_of_no_service": "to an environment that is no service's production",
    "duplicate_or_not_planned": "closed as a duplicate or as not planned",
    "no_deployment_within_window": "the service had deployed nothing within the failure window before it",
    "no_deployment_before": "the service had never deployed before it",
    "external": "caused by somebody else",
    "no_service": "of no known service",
    "on_another_day_in_the_scopes_zone": "within the same UTC days, but on another day in the scope's zone",
    "before_the_first_observed_day": "before the first day that was observed",
}


def as_json(explanation: Explanation, web_address: str) -> str:
    """Everything, as one JSON object; instants are in UTC."""
    return json.dumps(
        {
            "label": explanation.label,
            "number": asdict(explanation.number),
            "adds_up": explanation.adds_up,
            "items": [_item(item, web_address) for item in explanation.items],
            "left_out_by_reason": explanation.reasons,
            "left_out": [_item(item, web_address) for item in explanation.left_out],
            "also": explanation.also,
        },
        default=_plain,
        indent=2,
    )


def lines(explanation: Explanation, web_address: str, *, everything: bool = False) -> Iterator[str]:
    """What a person reads: the number, what it is made of, what was left out.

    Args:
        web_address: where GitHub's pages are.
        everything: all items, and not the newest of each list alone.
    """
    number = explanation.number
    zone = ZoneInfo(number.time_zone)
    most = None if everything else MOST_SHOWN
    yield from _head(explanation.label, number, zone)
    if explanation.also:
        yield f"  (there is also {', '.join(explanation.also)})"
    yield ""
    sums = {0: "", 1: ", which adds up to it"}.get(len(explanation.items), ", which add up to it")
    if not explanation.adds_up:
        sums = ", WHICH DOES NOT ADD UP TO IT; run the daily job again"
    yield f"It is made of {_count(len(explanation.items), explanation.items)}{sums}."
    yield from _listed(explanation.items, zone, web_address, most)
    if not explanation.left_out:
        yield ""
        yield "Nothing was left out."
    for reason, count in explanation.reasons.items():
        left_out = [item for item in explanation.left_out if item.reason == reason]
        yield ""
        yield f"Left out: {_count(count, left_out)}, {_REASONS.get(reason, reason.replace('_', ' '))} ({reason})."
        yield from _listed(left_out, zone, web_address, most)


def web_address(api_url: str) -> str:
    """Where the pages are of the GitHub whose API this is.

    >>> web_address("https://api.github.com"), web_address("https://github.corp.example/api/v3")
    ('https://github.com', 'https://github.corp.example')
    """
    if api_url.startswith("https://api."):
        return "https://" + api_url.removeprefix("https://api.").rstrip("/")
    address = api_url.rstrip("/").removesuffix("/api/v3")
    return address if address.startswith("https://") else "https://github.com"


def _head(label: str, number: Number, zone: ZoneInfo) -> Iterator[str]:
    length = "day" if number.window_days == 1 else f"{number.window_days} days to"
    yield f"{label} of {number.scope_type} {number.scope}, {length} {number.metric_date}"
    value = f"{_figure(number.value)} {number.unit}" if number.value is not None else "no value"
    parts = [f"{value} ({number.status})"]
    parts += [f"p90 {_figure(number.value_p90)}"] if number.value_p90 is not None else []
    parts += [f"95 % interval {_figure(number.interval_low)} to {_figure(number.interval_high)}"] * (
        number.interval_low is not None
    )
    parts += [f"tier {number.tier} (edition {number.edition})"] if number.tier else []
    yield f"  {', '.join(parts)}"
    yield f"  n {number.n}, numerator {_figure(number.numerator)}, denominator {_figure(number.denominator)}"
    window = f"{_moment(number.window_start, zone)} until {_moment(number.window_end, zone)}"
    yield f"  from {window} ({number.time_zone}), {number.metric} version {number.definition_version}"


def _listed(items: Sequence[Item], zone: ZoneInfo, web_address: str, most: int | None) -> Iterator[str]:
    shown = list(items) if most is None else list(items)[-most:]
    if len(shown) < len(items):
        yield f"  ... {len(items) - len(shown)} earlier ones (--all lists them)"
    for item in shown:
        yield f"  {_moment(item.happened_at, zone)}  {_said(item)}"
        facts = " · ".join(_facts(item, zone, web_address))
        if facts:
            yield f"      {facts}"


def _said(item: Item) -> str:
    name = _name(item)
    hit = {True: "  [counts as a hit]", False: "", None: ""}[item.is_hit]
    hours = f"  {_figure(item.value)} h" if item.value is not None else ""
    return f"{name}{hours}{hit}"


def _name(item: Item) -> str:
    if item.item_type == "day":
        return "a day with a deployment"
    return f"{item.repository}" if item.item_type == "collection" else item.item_id


def _facts(item: Item, zone: ZoneInfo, web_address: str) -> Iterator[str]:
    if item.started_at:
        yield f"{_moment(item.started_at, zone)} to {_moment(item.ended_at, zone) if item.ended_at else '?'}"
    if item.sha:
        yield f"sha {item.sha[:12]}"
    if item.method:
        yield f"by {item.method}" + (f" (confidence {item.confidence:g})" if item.confidence is not None else "")
    if item.linked_to and item.linked_to != [item.item_id]:
        yield f"linked to {', '.join(item.linked_to)}"
    if item.said:
        yield item.said
    if address := _address(item, web_address):
        yield address


def _item(item: Item, web_address: str) -> dict[str, Any]:
    said = asdict(item)
    said["url"] = _address(item, web_address)
    del said["path"]
    return said


def _address(item: Item, web_address: str) -> str | None:
    return item.url or (f"{web_address}/{item.path}" if item.path else None)


def _count(count: int, items: Sequence[Item]) -> str:
    kinds = [kind for kind, _ in groupby(sorted(item.item_type for item in items))]
    noun = kinds[0].replace("_", " ") if len(kinds) == 1 else "event"
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else "nothing"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _plain(value: object) -> str:
    assert isinstance(value, (date, datetime))
    return value.isoformat()
