"""Marts without dbt: the tables that the analytics read, filled by hand."""

import csv
from typing import Any

import psycopg
import pytest

from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.warehouse.connections import Role


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def create_catalog(connection: psycopg.Connection[Any]) -> None:
    """The catalogue of metrics as far as the analytics read it."""
    connection.execute(
        "create table reference.metric_catalog (metric text, label text, unit text, direction text, aggregation text)"
    )
    for one in seed("metric_catalog"):
        values = [one[name] for name in ("metric", "label", "unit", "direction", "aggregation")]
        connection.execute("insert into reference.metric_catalog values (%s, %s, %s, %s, %s)", values)


def create_editions(connection: psycopg.Connection[Any]) -> None:
    """The published cut-offs of the tiers."""
    editions = seed("tier_editions")
    bounds = ("lower_bound", "upper_bound")
    shape = {name: "double precision" if name in bounds else "text" for name in editions[0]} | {
        "tier_rank": "int", "is_lower_inclusive": "boolean", "is_upper_inclusive": "boolean",
    }  # fmt: skip
    connection.execute(
        f"create table reference.tier_editions ({', '.join(f'{name} {kind}' for name, kind in shape.items())})"
    )
    placed = ", ".join(["%s"] * len(shape))
    for one in editions:
        values = [one[name] or None for name in shape]
        connection.execute(f"insert into reference.tier_editions values ({placed})", values)


@pytest.fixture
def marts(fresh_warehouse):
    """The relations that the analytics read, empty but for the seeds, with the columns that dbt would give them."""
    columns = [
        f"{one['metric']}_{part} double precision not null default {default}"
        for one in seed("metric_catalog")
        for part, default in (("n", 0), ("sum", 0), ("p50", "'NaN'"))
    ]
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        create_catalog(connection)
        connection.execute(
            f"create table marts.fct_metric_days (scope_type text, scope text, metric_date date, time_zone text, "
            f"{', '.join(columns)})"
        )
        connection.execute(
            f"create table marts.fct_metric_windows (scope_type text, scope text, metric_date date, window_days int, "
            f"{', '.join(columns)})"
        )
        create_editions(connection)
    return fresh_warehouse
