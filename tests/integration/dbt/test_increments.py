"""What one more day costs little, and leaves what building everything anew would leave."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from roosevelt_pipeline.people import forget_outlived
from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.settings import GitHubSettings, Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.landing import land_page
from roosevelt_pipeline.warehouse.policy import write_policy
from roosevelt_pipeline.warehouse.records import Record
from tests.integration.dbt.tiny import HUMAN, MACHINE, streams
from tests.support.pipeline import MODELS_ONLY, collect_everything, dbt_build, digests, rows, running_company

Payload = Mapping[str, Any]
REVIEWER = str(uuid.UUID(int=13))
GROWING = (
    "intermediate.int_pull_requests__readied",
    "intermediate.int_reviews__given",
    "intermediate.int_attempts__of_deployments",
    "marts.space_performance",
    "marts.dora_weekly",
    "marts.fct_metric_windows",
)


def test_late_lost_hidden_and_inserted_objects_leave_what_building_all_anew_leaves(built, new_warehouse, tmp_path):
    """First a late review with a comment, a late list of commits, a deployment between two others, an incident that is
    gone, a commit whose parent is not known, and a pull request merged after the as-of day. Then that day passes, the
    parent arrives, the review is answered, a machine reviews, lines turn out to be counted on an earlier day than ever,
    a defect is filed for a past day, and the default branch is moved by force. Ten years later what is about persons
    has gone; what was told of groups is left, and all that was delivered, though everything is built anew."""
    warehouse = new_warehouse(built)

    land(warehouse, "github_pull_requests", *changed_pull_requests(), merged_later())
    land(warehouse, "github_review_comments", comment(1))
    land(warehouse, "github_deployments", deployment("s4", "2026-01-20T12:00:00Z", 600))
    land(warehouse, "github_commits", commit("s7", "s6", "2026-01-30T10:00:00Z"))
    land(warehouse, "github_issues", *issues(), deleted=True)
    land(warehouse, "repository_lines", lines("2026-01-20T09:00:00Z", 2000))
    land(warehouse, "coverage_reports", coverage("2026-01-12T09:00:00Z", 60), coverage("2026-02-02T09:00:00Z", 90))
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    assert (shipped_by(warehouse, 4), shipped_by(warehouse, 6)) == ("600", None)
    assert rows(warehouse, "select * from marts.fct_incidents where issue_number is not null") == []
    assert comments_of_reviews(warehouse) == [1]
    assert quality_on(warehouse, date(2026, 1, 12)) == (60, 0, 2000)

    land(warehouse, "github_commits", commit("s6", "s3", "2026-01-29T10:00:00Z"))
    land(warehouse, "github_review_comments", comment(2))
    land(warehouse, "github_pull_requests", reviewed_by_a_machine())
    land(warehouse, "github_issues", defect("2026-01-12T09:00:00Z"))
    land(warehouse, "repository_lines", lines("2026-01-15T09:00:00Z", 500))
    land(warehouse, "github_repositories", streams()["github_repositories"]["1"] | {"head_oid": "s7"})
    land(warehouse, "github_deployments", deployment("s7", "2026-02-02T12:00:00Z", 601))
    say(warehouse, date(2026, 2, 2))
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    assert (shipped_by(warehouse, 4), shipped_by(warehouse, 6)) == ("600", "601")
    assert comments_of_reviews(warehouse) == [2]
    assert [quality_on(warehouse, date(*day)) for day in ((2026, 1, 12), (2026, 1, 20), (2026, 2, 2))] == [
        (60, 1000 / 500, 500),
        (60, 0, 2000),
        (90, 0, 2000),
    ]
    grown = digests(warehouse, *GROWING)

    tell_of_a_quarter(warehouse)
    assert forget_outlived(Settings(), warehouse, datetime(2036, 1, 1, tzinfo=UTC))["raw.survey_answers"] == 1
    dbt_build(warehouse, tmp_path, *MODELS_ONLY, "--full-refresh")
    assert digests(warehouse, *GROWING) == grown
    assert rows(warehouse, "select team, satisfaction_score from bi.space_satisfaction") == [
        {"team": "red", "satisfaction_score": 4.2}
    ]


@pytest.mark.soak
def test_a_week_more_equals_building_everything_anew(new_warehouse, tmp_path):
    warehouse = new_warehouse()
    with running_company(Company.of_days(7, date(2026, 3, 2), 45)) as company:
        assert collect_everything(company, warehouse) == []
        dbt_build(warehouse, tmp_path, *MODELS_ONLY)
        later = company.days_later(7)
        assert collect_everything(later, warehouse) == []
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    grown, written = digests(warehouse), builds_of_rows(warehouse)
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    assert digests(warehouse) == grown
    assert builds_of_rows(warehouse) == written, "nothing had changed, and yet rows were written again"

    dbt_build(warehouse, tmp_path, *MODELS_ONLY, "--full-refresh")

    assert digests(warehouse) == grown


def land(warehouse: Warehouse, stream: str, *payloads: Payload, deleted: bool = False) -> None:
    """Land objects under the keys that the collector gives them."""
    keys = {
        "github_pull_requests": "pull_request_id",
        "github_deployments": "deployment_id",
        "github_issues": "issue_id",
        "github_review_comments": "comment_id",
        "repository_lines": "counted_at",
        "coverage_reports": "measured_at",
    }
    records = []
    for payload in payloads:
        own = f"1:{payload['oid']}" if "oid" in payload else str(payload[keys.get(stream, "repository_id")])
        records.append(Record(own, None if deleted else dict(payload), deleted=deleted))
    with warehouse.connect(Role.INGEST) as connection:
        land_page(connection, stream, "1", records, datetime(2026, 2, 3, tzinfo=UTC), uuid.uuid4())


def tell_of_a_quarter(warehouse: Warehouse) -> None:
    """An answer of which a team has been told."""
    answer = {"survey": "s", "survey_user_id": HUMAN, "survey_date": "2025-12-01", "quarter": "2025-Q4",
              "nps_score": 9, "satisfaction_score": 4}  # fmt: skip
    with warehouse.connect(Role.INGEST) as connection:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        land_page(connection, "survey_answers", "org", [Record("answer", answer)], at, uuid.uuid4())
    with warehouse.connect(Role.OWNER) as connection:
        connection.execute(
            """insert into published.space_figures (figure, dimension, scope_type, scope, period, period_start,
            period_end, value, unit, n, status, definition_version, decided_at, run_id)
            values ('satisfaction_score', 'satisfaction', 'team', 'red', 'quarter', '2025-10-01', '2026-01-01', 4.2,
            'of 5', 6, 'ok', 1, '2026-01-05', gen_random_uuid())"""
        )


def say(warehouse: Warehouse, as_of: date) -> None:
    """What the policy says from now on: how late it is."""
    settings = Settings(github=GitHubSettings(organization="acme"))
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings, as_of, uuid.uuid4())


def changed_pull_requests() -> list[Payload]:
    """1 was reviewed on its first day; 2 lists a commit of the day before its first."""
    first, second = (streams()["github_pull_requests"][key] for key in ("101", "102"))
    review = {
        "review_id": 1,
        "state": "APPROVED",
        "submitted_at": "2026-01-05T15:00:00Z",
        "author_id": REVIEWER,
    }
    early = {"oid": "h2a", "authored_at": "2026-01-06T10:00:00Z", "committed_at": "2026-01-06T10:00:00Z"}
    return [first | {"reviews": [review]}, second | {"commits": [early, *second["commits"]]}]


def merged_later() -> Payload:
    """Merged as s7 on the second day after the as-of day."""
    last = streams()["github_pull_requests"]["104"]
    merged = "2026-02-02T09:00:00Z"
    own = {"pull_request_id": 106, "number": 6, "merge_commit_oid": "s7", "head_oid": "h6", "commits": []}
    return last | own | {"created_at": "2026-01-30T09:00:00Z", "merged_at": merged, "closed_at": merged}


def deployment(sha: str, at: str, number: int) -> Payload:
    status = {"status_id": number, "state": "SUCCESS", "created_at": at}
    return {"deployment_id": number, "repository_id": 1, "environment": "production", "sha": sha, "created_at": at,
            "creator_id": HUMAN, "statuses": [status]}  # fmt: skip


def commit(oid: str, parent: str, at: str) -> Payload:
    return {"repository_id": 1, "oid": oid, "authored_at": at, "committed_at": at, "parents": [parent],
            "author_id": HUMAN}  # fmt: skip


def comment(number: int) -> Payload:
    """On the late review of pull request 1."""
    at = f"2026-01-05T15:0{number}:00Z"
    return {"comment_id": number, "repository_id": 1, "pull_request_number": 1, "review_id": 1, "in_reply_to_id": None,
            "created_at": at, "updated_at": at, "author_id": REVIEWER}  # fmt: skip


def reviewed_by_a_machine() -> Payload:
    review = {"review_id": 3, "state": "COMMENTED", "submitted_at": "2026-01-07T11:00:00Z", "author_id": MACHINE}
    return changed_pull_requests()[1] | {"reviews": [review]}


def lines(at: str, count: int) -> Payload:
    return {"repository": "web", "counted_at": at, "lines": count, "method": "counted"}


def coverage(at: str, percent: int) -> Payload:
    return {"repository": "web", "sha": "s1", "measured_at": at, "lines_valid": 100, "lines_covered": percent,
            "source": "file", "format": "lcov"}  # fmt: skip


def defect(at: str) -> Payload:
    """An issue with the label of defects and none of incidents."""
    own = {"issue_id": 93, "number": 93, "labels": ["bug"], "created_at": at, "closed_at": None}
    return issues()[0] | own


def quality_on(warehouse: Warehouse, day: date) -> tuple[float, float, int]:
    """Coverage in percent, defects per 1,000 lines, and lines."""
    query = f"select code_coverage_pct, defect_density, lines_count from marts.space_performance where date = '{day}'"
    (found,) = rows(warehouse, query)
    return found["code_coverage_pct"], found["defect_density"], found["lines_count"]


def issues() -> list[Payload]:
    return list(streams()["github_issues"].values())


def shipped_by(warehouse: Warehouse, number: int) -> str | None:
    """GitHub's id of the deployment that shipped a pull request, if it is known to be merged and was shipped."""
    found = rows(
        warehouse,
        f"""select deployments.source_id from marts.fct_changes as changes
        inner join marts.fct_deployments as deployments using (deployment_id) where pull_request_number = {number}""",
    )
    return found[0]["source_id"] if found else None


def comments_of_reviews(warehouse: Warehouse) -> list[int]:
    return [row["n"] for row in rows(warehouse, "select comments_count as n from intermediate.int_reviews__given")]


def builds_of_rows(warehouse: Warehouse) -> list[dict[str, object]]:
    """In which transaction PostgreSQL wrote each row of the large tables."""
    tables = (
        "intermediate.int_commits__shipped",
        "marts.fct_changes",
        "marts.fct_metric_days",
        "marts.fct_metric_windows",
    )
    counts = (
        f"select '{table}' as name, xmin::text as written, count(*) as n from {table} group by 2" for table in tables
    )
    return rows(warehouse, " union all ".join(counts) + " order by 1, 2")
