"""The monthly page about the organisation: what the marts and the findings say of the last month that has ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from roosevelt_pipeline.metric_series import newest_day
from roosevelt_pipeline.metric_weeks import is_measured
from roosevelt_pipeline.reporting.summaries import Chart, Figure, Summary, as_html, as_markdown, shown
from roosevelt_pipeline.stats.tiers import with_tiers
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

WEEKS_SHOWN, MOST_INSIGHTS = 26, 6
_TIER_DAYS = 28

_SUMS = """
    select
        max(scope) as organization, count(*) as days, min(first_date) as first_date,
        sum(deployment_frequency_per_day_n) as deployments,
        sum(change_failure_rate_pct_n) as judged, sum(change_failure_rate_pct_sum) as failed,
        sum(deployment_rework_rate_pct_n) as planned_or_not, sum(deployment_rework_rate_pct_sum) as unplanned,
        sum(incidents_opened_n) as incidents,
        sum(collection_reliability_pct_n) as collections, sum(collection_reliability_pct_sum) as complete_collections
    from marts.fct_metric_days
    where scope_type = 'organization' and metric_date >= %(first)s and metric_date < %(until)s
"""
# Medians of what lies in the month, not of its days.
_MEDIANS = """
    select
        count(change_lead_time_hours) as changes,
        percentile_cont(0.5) within group (order by change_lead_time_hours) as lead_time,
        count(failed_deployment_recovery_time_hours) as recoveries,
        percentile_cont(0.5) within group (order by failed_deployment_recovery_time_hours) as recovery_time
    from marts.fct_metric_events
    where is_organizations and home_date >= %(first)s and home_date < %(until)s
"""
_TIERS = """
    select metric, tier from analytics.metric_tiers
    where scope_type = 'organization' and window_days = %(days)s and as_of_date = %(until)s::date - 1
"""
# Of a month that ended before the first daily run, of which nobody judged the tiers on its last day.
_ROLLING = """
    select metric, value::double precision as value, status
    from marts.fct_metric_rolling
    where scope_type = 'organization' and window_days = %(days)s and metric_date = %(until)s::date - 1
"""
_EDITION = """
    select * from reference.tier_editions
    where edition = (select edition from analytics.metric_tiers order by as_of_date desc limit 1)
"""
_FIRST_TOLD = "select min(as_of_date) as day from analytics.insights"
_WEEKS = """
    select week_start, deployments, lead_time_hours_p50, change_failure_rate_pct
    from marts.dora_weekly
    where scope_type = 'organization' and is_complete and week_start < %(until)s and week_start >= %(since)s
    order by week_start
"""
_INSIGHTS = """
    select said from (
        select distinct on (insight_key) insight_key, said, usefulness
        from analytics.insights
        where is_told and as_of_date >= %(first)s and as_of_date < %(until)s and scope_type <> 'service'
        order by insight_key, as_of_date desc
    ) as told
    order by usefulness desc, insight_key
    limit %(most)s
"""
_ALERTS = """
    select count(*) as raised, count(*) filter (where state = 'open') as still_open
    from analytics.metric_anomalies
    where is_alert and found_date >= %(first)s and found_date < %(until)s and scope_type <> 'service'
"""
_KEEP = """
    insert into delivery.executive_summaries
        (month_date, organization, as_of_date, made_at, run_id, figures, markdown, html)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (month_date) do update set
        organization = excluded.organization, as_of_date = excluded.as_of_date, made_at = excluded.made_at,
        run_id = excluded.run_id, figures = excluded.figures, markdown = excluded.markdown, html = excluded.html
"""


@dataclass(frozen=True)
class Month:
    """A calendar month, in the organisation's days."""

    first: date

    @property
    def until(self) -> date:
        """First day of the next."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def before(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))


def last_month(newest: date) -> Month:
    """The last month that has ended with a day.

    >>> last_month(date(2026, 3, 30)).first, last_month(date(2026, 3, 31)).first
    (datetime.date(2026, 2, 1), datetime.date(2026, 3, 1))
    """
    return Month((newest + timedelta(days=1)).replace(day=1)).before


def summarise(warehouse: Warehouse, run_id: UUID, now: datetime) -> Summary | None:
    """Write the page about the last month that has ended; a later run in the same month replaces it.

    Returns:
        what it says; nothing where no month has ended of which anything was observed.
    """
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection) if is_measured(connection) else None
        if newest is None:
            return None
        month = last_month(newest)
        read = _Reader(connection, month)
        if not read.sums["days"]:
            return None
        summary = _summary(read, newest)
        figures = [{"label": one.label, "unit": one.unit, "value": one.value, "before": one.before, "n": one.n,
                    "n_before": one.n_before, "tier": one.tier} for one in summary.figures]  # fmt: skip
        connection.execute(_KEEP, [month.first, summary.organization, newest, now, run_id, json.dumps(figures),
                                   as_markdown(summary), as_html(summary)])  # fmt: skip
        return summary


class _Reader:
    """The rows of a month and of the one before."""

    def __init__(self, connection: "psycopg.Connection[Any]", month: Month) -> None:
        self._connection, self.month = connection, month
        self.sums, self.sums_before = (self._one(_SUMS, one) for one in (month, month.before))
        self.medians, self.medians_before = (self._one(_MEDIANS, one) for one in (month, month.before))
        self.alerts = self._one(_ALERTS, month)
        self.tiers = self._unjudged(month) | {row["metric"]: row["tier"] for row in self._all(_TIERS, month)}
        self.weeks = self._all(_WEEKS, month)
        self.insights = [row["said"] for row in self._all(_INSIGHTS, month)]
        self.first_told: date | None = self._one(_FIRST_TOLD, month)["day"]

    def _unjudged(self, month: Month) -> dict[str, str]:
        """The tiers of the month's last days, by the edition that is in force now."""
        rows, editions = (pd.DataFrame(self._all(query, month)) for query in (_ROLLING, _EDITION))
        if rows.empty or editions.empty:
            return {}
        found = with_tiers(rows, editions).dropna(subset="tier")
        return dict(zip(found["metric"], found["tier"], strict=True))

    def _all(self, query: str, month: Month) -> list[dict[str, Any]]:
        asked = {"first": month.first, "until": month.until, "days": _TIER_DAYS, "most": MOST_INSIGHTS,
                 "since": month.until - timedelta(weeks=WEEKS_SHOWN + 1)}  # fmt: skip
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), asked).fetchall()

    def _one(self, query: str, month: Month) -> dict[str, Any]:
        return self._all(query, month)[0]


def _summary(read: _Reader, newest: date) -> Summary:
    figures = _figures(read)
    return Summary(
        organization=read.sums["organization"], month=read.month.first, sentences=_sentences(read, figures),
        figures=figures, charts=_charts(read), insights=read.insights, notes=_notes(read, newest),
        is_watched=read.first_told is None or read.first_told < read.month.until,
    )  # fmt: skip


def _figures(read: _Reader) -> list[Figure]:
    now, before, medians, medians_before = read.sums, read.sums_before, read.medians, read.medians_before
    lead, recovery = (
        (_number(medians[name]), _number(medians_before[name]), medians[count], medians_before[count])
        for name, count in (("lead_time", "changes"), ("recovery_time", "recoveries"))
    )
    tiers = read.tiers
    return [
        Figure("Deployment frequency", "a day", _ratio(now, "deployments", "days"),
               _ratio(before, "deployments", "days"), _count(now, "deployments"), _count(before, "deployments"),
               tier=tiers.get("deployment_frequency_per_day")),
        Figure("Change lead time, median", "hours", *lead, tier=tiers.get("change_lead_time_hours")),
        _rate("Change failure rate", now, before, "failed", "judged", tiers.get("change_failure_rate_pct")),
        Figure("Recovery time, median", "hours", *recovery, tier=tiers.get("failed_deployment_recovery_time_hours")),
        _rate("Deployment rework rate", now, before, "unplanned", "planned_or_not", None),
        Figure("Incidents opened", "incidents", _number(now["incidents"]), _number(before["incidents"]),
               _count(now, "incidents"), _count(before, "incidents")),
    ]  # fmt: skip


def _rate(
    label: str, now: Mapping[str, Any], before: Mapping[str, Any], hits: str, trials: str, tier: str | None
) -> Figure:
    value, past = (_percent(row, hits, trials) for row in (now, before))
    interval = wilson_pct(_count(now, hits), _count(now, trials))
    return Figure(label, "percent", value, past, _count(now, trials), _count(before, trials), interval, tier)


def _percent(row: Mapping[str, Any], hits: str, trials: str) -> float | None:
    share = _ratio(row, hits, trials)
    return None if share is None else 100 * share


def _ratio(row: Mapping[str, Any], one: str, other: str) -> float | None:
    return float(row[one]) / float(row[other]) if row[one] is not None and row[other] else None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _count(row: Mapping[str, Any], name: str) -> int:
    return int(row[name] or 0)


def wilson_pct(hits: int, trials: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval in percent; missing without trials.

    >>> tuple(round(end, 1) for end in wilson_pct(9, 41))
    (12.0, 36.7)
    """
    if not trials:
        return None
    z = 1.959964
    middle = (hits + z**2 / 2) / (trials + z**2)
    reach = z * ((hits * (trials - hits) / trials + z**2 / 4) ** 0.5) / (trials + z**2)
    return 100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach)


def _sentences(read: _Reader, figures: Sequence[Figure]) -> list[str]:
    frequency, lead, failures, recovery, _, incidents = figures
    failed, judged = _count(read.sums, "failed"), _count(read.sums, "judged")
    first = (
        f"{frequency.n:,} deployments reached production, {shown(frequency.value, frequency.unit)} "
        f"({shown(frequency.before, frequency.unit)} in the month before). Half of {lead.n:,} changes took less than "
        f"{shown(lead.value, lead.unit)} from the first commit to production ({shown(lead.before, lead.unit)})."
    )
    second = (
        f"{failed:,} of {judged:,} deployments failed, {shown(failures.value, failures.unit)} "
        f"({shown(failures.before, failures.unit)}); it took a median of {shown(recovery.value, recovery.unit)} to "
        f"recover. {incidents.n:,} incidents were opened ({incidents.n_before:,})."
    )
    third = (
        f"Alerts raised about teams and the organisation: {read.alerts['raised']:,}; still open: "
        f"{read.alerts['still_open']:,}. Two months differ by chance as well: what differs beyond it stands below."
    )
    return [first, second, third]


def _charts(read: _Reader) -> list[Chart]:
    def chart(title: str, column: str) -> Chart:
        return Chart(title, [(row["week_start"], _number(row[column]), row["week_start"] >= read.month.first)
                             for row in read.weeks])  # fmt: skip

    return [
        chart("Deployments a week", "deployments"),
        chart("Lead time, hours: median of the week's changes", "lead_time_hours_p50"),
        chart("Change failure rate, percent of the week's deployments", "change_failure_rate_pct"),
    ]


def _notes(read: _Reader, newest: date) -> list[str]:
    notes = [
        f"Data up to {newest}. Medians are over the month's items; days are the organisation's. Tiers are those of the "
        f"{_TIER_DAYS} days that ended with the month."
    ]
    first, month = read.sums["first_date"], read.month
    if first and first > month.first:
        notes.append(f"The month was observed from {first} on only.")
    elif first and first > month.before.first:
        notes.append(f"The month before was observed from {first} on only.")
    collections = _count(read.sums, "collections")
    if collections:
        complete = _count(read.sums, "complete_collections")
        notes.append(
            f"{complete:,} of {collections:,} collections were complete, {100 * complete / collections:.1f} %."
        )
    return notes


def deployments_told_and_held(warehouse: Warehouse) -> tuple[int, int]:
    """Deployments of the newest page's month: as it counts them, and as the events in the marts do."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            """
            select
                (newest.figures -> 0 ->> 'n')::int,
                (
                    select count(*) from marts.fct_metric_events as events
                    where
                        events.is_organizations and events.deployment_frequency_per_day is not null
                        and events.home_date >= newest.month_date
                        and events.home_date < newest.month_date + interval '1 month'
                )
            from delivery.executive_summaries as newest
            order by newest.month_date desc
            limit 1
            """
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
