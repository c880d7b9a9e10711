"""Marts in, analytics out: where questions meet the warehouse's tables, and what was told already."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.insight_data import opened_metric, read_changes, read_deployments, read_evidence, read_metrics
from roosevelt_pipeline.metric_series import newest_day, records
from roosevelt_pipeline.metric_weeks import newest_week
from roosevelt_pipeline.stats.insights.asking import ask_of_changes, ask_of_deployments, ask_of_weeks
from roosevelt_pipeline.stats.insights.choosing import Answer, choose
from roosevelt_pipeline.stats.insights.parameters import MODEL_VERSION, Parameters
from roosevelt_pipeline.stats.insights.questions import Question, Scope
from roosevelt_pipeline.stats.insights.retelling import Known, Telling, tell, tell_again
from roosevelt_pipeline.stats.insights.tiers import KIND, Way, next_ways, usefulness
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

KEPT_DAYS = 400
_KNOWN = sql.SQL(
    """
    select distinct on (insight_key) insight_key, as_of_date, since_date, told_date, told_ratio
    from analytics.insights
    where as_of_date < %s
    order by insight_key, as_of_date desc
    """
)
_WAYS = sql.SQL(
    """
    select scope_type, scope, metric, target_tier, probability_90_days, even_chance_date, current_value, unit, said
    from analytics.metric_tier_forecasts
    where as_of_date = %s and not is_reached and scope_type in ('team', 'organization')
    """
)
_FORECAST_DAYS = 28
_INSIGHTS = [
    "as_of_date", "insight_key", "kind", "scope_type", "scope", "metric", "subject", "said", "usefulness", "is_told",
    "told_because", "told_date", "told_ratio", "since_date", "same_as", "direction", "observed_value",
    "compared_value", "unit", "effect_ratio", "ratio_low", "ratio_high", "n", "compared_n", "reach", "chance", "fdr",
    "first_date", "last_date", "opened_by", "evidence", "model_version", "parameters", "probability",
]  # fmt: skip
_QUESTIONS = ["kind", "scope_type", "scope", "metric", "status", "n", "chance", "fdr", "said", "as_of_date",
              "model_version"]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a day has to tell.

    Attributes:
        insights: rows of ``analytics.insights`` of the day, most useful first.
        questions: rows of ``analytics.insight_questions``.
    """

    as_of: date | None
    insights: pd.DataFrame
    questions: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Insights, those that are told on this day, and questions by status."""
        return {
            "insights": len(self.insights),
            "insights_told": int(self.insights["is_told"].astype(bool).sum()),
            **{f"questions_{status}": count for status, count in Counter(self.questions["status"]).items()},
        }


def find_insights(warehouse: Warehouse, parameters: Parameters | None = None) -> Told:
    """Ask all questions of every service, team and the organisation, and write what there is to tell.

    A day's rows are replaced, and what was told is known from the days before it alone: the same marts on the same day
    give the same rows.
    """
    parameters = parameters or Parameters()
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection)
        if newest is None:
            return Told(None, pd.DataFrame(columns=_INSIGHTS), pd.DataFrame(columns=_QUESTIONS))
        answers = choose(_asked(connection, newest, parameters), parameters)
        insights = _insights(connection, answers, newest, parameters)
        questions = pd.DataFrame([_question(one, newest) for one in answers], columns=_QUESTIONS, dtype=object)
        with connection.transaction():
            connection.execute(
                "delete from analytics.insights where as_of_date < %s", [newest - timedelta(days=KEPT_DAYS)]
            )
            replace_rows(connection, "analytics", "insights", insights, where={"as_of_date": newest})
            replace_rows(connection, "analytics", "insight_questions", questions, where={})
        return Told(newest, insights, questions)


def _asked(connection: "psycopg.Connection[Any]", newest: date, parameters: Parameters) -> list[Question]:
    week = newest_week(newest)
    asked = []
    for of, deployments in read_deployments(connection, newest, parameters):
        asked += ask_of_deployments(of, deployments, parameters)
    for of, weeks in read_metrics(connection, newest, parameters):
        asked += ask_of_weeks(of, [weeks], week, parameters)
    for of, changes in read_changes(connection, newest, parameters):
        asked += ask_of_changes(of, changes, parameters)
    return asked


def _insights(
    connection: "psycopg.Connection[Any]", answers: Sequence[Answer], newest: date, parameters: Parameters
) -> pd.DataFrame:
    known = {one["insight_key"]: _known(one) for one in records(read_frame(connection, _KNOWN, [newest]))}
    told = {"as_of_date": newest, "model_version": MODEL_VERSION,
            "parameters": json.dumps(asdict(parameters), sort_keys=True)}  # fmt: skip
    rows = [_way_row(way, known.get(way.key), newest, parameters) | told for way in _ways(connection, newest)]
    for answer in (one for one in answers if one.status == "found"):
        telling = tell(answer, known.get(answer.key), newest, parameters)
        evidence = read_evidence(connection, answer.question, _finding(answer), newest, parameters)
        rows.append(_row(answer, telling, newest) | {"evidence": json.dumps(evidence)} | told)
    frame = pd.DataFrame(rows, columns=_INSIGHTS, dtype=object)
    return frame.sort_values(["usefulness", "insight_key"], ascending=[False, True], ignore_index=True)


def _ways(connection: "psycopg.Connection[Any]", newest: date) -> list[Way]:
    """Tiers that were forecast with this day's data; services' are not told, as their team's or organisation's are."""
    return next_ways(
        Way(
            Scope(one["scope_type"], one["scope"]), one["metric"], one["target_tier"],
            float(one["probability_90_days"]), None if pd.isna(one["even_chance_date"]) else one["even_chance_date"],
            float(one["current_value"]), one["unit"], one["said"],
        )
        for one in records(read_frame(connection, _WAYS, [newest]))
    )  # fmt: skip


def _way_row(way: Way, known: Known | None, newest: date, parameters: Parameters) -> dict[str, Any]:
    telling = tell_again(KIND, way.probability, None, known, newest, parameters)
    of = way.of
    return {
        "insight_key": way.key, "kind": KIND, "scope_type": of.scope_type, "scope": of.scope, "metric": way.metric,
        "subject": way.tier, "said": way.told, "usefulness": usefulness(way, newest), "is_told": telling.is_told,
        "told_because": telling.why, "told_date": telling.told, "told_ratio": telling.ratio,
        "since_date": telling.since, "same_as": None, "direction": "better", "observed_value": way.value,
        "unit": way.unit, "reach": 1.0, "first_date": newest - timedelta(days=_FORECAST_DAYS - 1), "last_date": newest,
        "opened_by": f"roosevelt explain {way.metric} --scope {of.scope_type}:{of.scope} --date {newest} --window 28",
        "evidence": "{}", "probability": way.probability,
    }  # fmt: skip


def _known(one: Mapping[str, Any]) -> Known:
    told = None if pd.isna(one["told_date"]) else one["told_date"]
    return Known(one["as_of_date"], one["since_date"], told, None if told is None else float(one["told_ratio"]))


def _finding(answer: Answer) -> Any:
    return answer.question.finding


def _row(answer: Answer, telling: Telling, newest: date) -> dict[str, Any]:
    question, finding = answer.question, _finding(answer)
    of, is_week = question.of, question.kind == "last_week"
    window, last = (7, finding.last) if is_week else (90, newest)
    return {
        "insight_key": answer.key, "kind": question.kind, "scope_type": of.scope_type, "scope": of.scope,
        "metric": question.metric, "subject": finding.subject, "said": finding.told,
        "usefulness": answer.usefulness, "is_told": telling.is_told, "told_because": telling.why,
        "told_date": telling.told, "told_ratio": telling.ratio, "since_date": telling.since, "same_as": answer.same_as,
        "direction": None if finding.is_good is None else "better" if finding.is_good else "worse",
        "observed_value": finding.observed, "compared_value": finding.compared, "unit": finding.unit,
        "effect_ratio": finding.ratio, "ratio_low": finding.low, "ratio_high": finding.high, "n": finding.n,
        "compared_n": finding.n_compared, "reach": finding.reach, "chance": question.chance, "fdr": answer.fdr,
        "first_date": finding.first, "last_date": finding.last,
        "opened_by": f"roosevelt explain {opened_metric(question)} --scope {of.scope_type}:{of.scope} --date {last} "
                     f"--window {window}",
    }  # fmt: skip


def _question(answer: Answer, newest: date) -> dict[str, Any]:
    question = answer.question
    said = question.finding.told if answer.status == "found" and question.finding else question.said
    return {
        "kind": question.kind, "scope_type": question.of.scope_type, "scope": question.of.scope,
        "metric": question.metric, "status": answer.status, "n": question.n, "chance": question.chance,
        "fdr": answer.fdr, "said": said, "as_of_date": newest, "model_version": MODEL_VERSION,
    }  # fmt: skip


def unasked(warehouse: Warehouse) -> list[str]:
    """Scopes that the marts measure, and that no question was asked of on the newest day."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        rows = connection.execute(
            """
            select distinct days.scope_type || ':' || days.scope
            from marts.fct_metric_days as days
            where
                days.scope_type in ('service', 'team', 'organization')
                and days.metric_date = (select max(metric_date) - 6 from marts.fct_metric_days)
                and days.first_date <= days.metric_date - 7
                and not exists (
                    select 1 from analytics.insight_questions as questions
                    where questions.scope_type = days.scope_type and questions.scope = days.scope
                )
            order by 1
            """
        ).fetchall()
    return [str(row[0]) for row in rows]


def told_today(warehouse: Warehouse) -> tuple[int, int]:
    """Insights that are told on the newest day, and scopes that were asked about."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            """
            select
                (select count(*) from bi.insights where is_told),
                (select count(distinct (scope_type, scope)) from analytics.insight_questions)
            """
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
