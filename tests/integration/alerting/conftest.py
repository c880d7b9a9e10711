"""Marts as dbt would leave them, filled by hand: one team, and the days that a test gives it."""

import csv
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from roosevelt_pipeline.settings import PROJECT_ROOT, SECRETS, Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

LAST = date(2026, 3, 1)
PARTS = ("n float8", "sum float8", "p50 float8", "p90 float8")
SECRET = "T0/B0/canary-4711"


class Marts:
    """The relations that rules read.

    Attributes:
        warehouse: where they are.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        with (PROJECT_ROOT / "dbt_project" / "seeds" / "metric_catalog.csv").open(encoding="utf-8") as file:
            catalog = list(csv.DictReader(file))
        columns = ", ".join(f"{one['metric']}_{part}" for one in catalog for part in PARTS)
        with warehouse.connect(Role.TRANSFORM) as connection:
            connection.execute(
                "create table reference.metric_catalog (metric text, label text, unit text, direction text)"
            )
            for one in catalog:
                values = [one[name] for name in ("metric", "label", "unit", "direction")]
                connection.execute("insert into reference.metric_catalog values (%s, %s, %s, %s)", values)
            connection.execute("create table marts.fct_metric_days (metric_date date)")
            connection.execute(
                "create table marts.fct_metric_windows (scope_type text, scope text, time_zone text, "
                f"metric_date date, window_days int, first_date date, {columns})"
            )

    def failures(
        self, day: date, hits: int, n: int = 30, teams: Iterable[str] = ("payments",), scope_type: str = "team"
    ) -> None:
        """A day on which so many of the week's deployments had failed; 10 of 200 had in the 90 days before."""
        with self.warehouse.connect(Role.TRANSFORM) as connection:
            connection.execute("insert into marts.fct_metric_days values (%s)", [day])
            for team in teams:
                for at, length, bad, of in ((day, 7, hits, n), (day - timedelta(days=7), 90, 10, 200)):
                    connection.execute(
                        "insert into marts.fct_metric_windows (scope_type, scope, time_zone, metric_date, window_days, "
                        "first_date, change_failure_rate_pct_n, change_failure_rate_pct_sum) "
                        "values (%s, %s, 'UTC', %s, %s, '2025-01-01', %s, %s)",
                        [scope_type, team, at, length, of, bad],
                    )


@pytest.fixture
def marts(fresh_warehouse: Warehouse) -> Marts:
    return Marts(fresh_warehouse)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings without this shell's secrets, and with those that are given."""
    for name in SECRETS.values():
        monkeypatch.delenv(name, raising=False)

    def make(**given: object) -> Settings:
        return Settings(**({"slack_webhook": f"https://hooks.slack.invalid/{SECRET}"} | given))  # type: ignore[arg-type]

    return make


def morning_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)
