"""What `roosevelt status` says of each repository's lanes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from roosevelt_pipeline.status import data_lines
from roosevelt_pipeline.warehouse.collections import StreamOutcome, record_outcome
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.landing import Cursor, save_cursor

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def lines(fresh_warehouse: Warehouse):
    """Status lines of a repository of which two streams were read, after these cursors were saved."""

    def told(*cursors: tuple[str, Cursor]) -> list[str]:
        with fresh_warehouse.connect(Role.INGEST) as connection:
            for stream in ("github_pull_requests", "github_workflow_runs"):
                outcome = StreamOutcome("acme/api", 7, stream, "none", NOON, NOON, "complete")
                record_outcome(connection, uuid4(), outcome)
            for stream, cursor in cursors:
                save_cursor(connection, stream, "7", cursor, uuid4())
        with fresh_warehouse.connect() as owner:
            owner.execute("update ingest.cursors set updated_at = now() - interval '4 days' where lane = 'sweep'")
        return [line for line in data_lines(fresh_warehouse) if line.startswith("acme/api")]

    return told


def test_a_repository_shows_how_far_its_lanes_have_come(lines):
    (line,) = lines(
        ("github_pull_requests", Cursor("backfill", {}, None, complete=True)),
        ("github_workflow_runs", Cursor("backfill", {"until": "2020-01-01T00:00:00Z"})),
        ("github_workflow_runs", Cursor("refresh", {"below": 9, "left": 1300}, NOON - timedelta(days=1))),
        ("github_workflow_runs", Cursor("sweep", {}, NOON, complete=True)),
    )

    assert "last: complete" in line
    assert line.endswith("backfill 50 %, refreshed 0 min ago (1,300 left to the next run), swept 4 d ago")


def test_a_repository_never_swept_says_so(lines):
    (line,) = lines(("github_pull_requests", Cursor("backfill", {}, None, complete=True)))

    assert line.endswith("backfill 100 %, refreshed never, swept never")
