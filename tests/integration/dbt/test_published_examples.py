"""Worked examples that others have published, played through our models: the same answer, or why it is another.

- GitLab, work item 444295, "DORA CFR - improve the metric calculation": ten deployments, one a day; an incident on
  the first and on the last day make 0.2; two on the first day should make 0.1, where counting incidents makes 0.2. A
  customer quoted there asks about twenty incidents of one release and none of the next nineteen.
- Apache DevLake, documentation of "Change Failure Rate" (v0.15): five deployments in a day, one of which causes a
  failure, are 20 %. Issue 4610 there: a rate above 100 % is a mistake.
- GitLab, merge request 149682: three merge requests of 1, 1 and 100 commits, delivered in 5, 7 and 50 minutes. By merge
  request the median is 7 minutes, by commit 50.
- Atlassian Compass, suggestion "deployment frequency calculation": five deployments in the last of four weeks and none
  before. Over weeks with deployments that is 5 a week; it should be 5/4 = 1.25.
- thoughtworks/metrik, issue 134: how can the lead time of the last 20 days be 88 days? By the day of the deployment.
- Server+ practice question 35823 (crucialexams.com): outages of 12, 45, 18 and 15 minutes have a mean of 22.5.
- Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I: the
  intervals of method 3 for 81 of 263, 15 of 148, 0 of 20 and 1 of 29.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from roosevelt_pipeline.settings import GitHubSettings, ServiceSettings, Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.support.pipeline import MODELS_ONLY, dbt_build, rows

FIRST = datetime(2026, 3, 2, 10, tzinfo=UTC)
LAST = date(2026, 3, 28)
SERVICES = ("spread", "at-once", "twenty", "devlake", "merges", "compass", "metrik", "outages")
OUTAGES = (12, 45, 18, 15)
RUN = uuid.UUID(int=1)
Payload = dict[str, Any]


@pytest.fixture(scope="module")
def published(new_warehouse, tmp_path_factory):
    warehouse = new_warehouse()
    services = tuple(ServiceSettings(name=name, repository=name) for name in SERVICES)
    settings = Settings(github=GitHubSettings(organization="acme"), services=services)
    with warehouse.connect(Role.OWNER) as connection:
        for stream, payloads in streams().items():
            connection.cursor().executemany(
                f"""insert into raw.{stream}
                (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
                values (%s, '1', %s, '', '2026-04-01', '2026-04-01', %s)""".encode(),
                [(str(place), json.dumps(payload), RUN) for place, payload in enumerate(payloads)],
            )
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings, LAST, RUN)
    dbt_build(
        warehouse,
        tmp_path_factory.mktemp("target"),
        *MODELS_ONLY,
        "--select",
        "+fct_metric_rolling",
        "+fct_metric_daily",
    )
    return warehouse


def streams() -> dict[str, list[Payload]]:
    return {
        "github_repositories": [
            {"repository_id": place, "name": name, "name_with_owner": f"acme/{name}", "default_branch": "main",
             "head_oid": {"merges": "m3", "metrik": "k1"}.get(name), "is_archived": False, "created_at": iso(FIRST)}
            for place, name in enumerate(SERVICES, 1)
        ],
        "deployment_events": [
            *(deployed("spread", day) for day in range(10)),
            *(deployed("at-once", day) for day in range(10)),
            *(deployed("twenty", day) for day in range(20)),
            *(deployed("devlake", 0, hour) for hour in range(5)),
            deployed("merges", 0, 0, "m0"),
            *(deployed("merges", day, minutes / 60, f"m{day}") for day, minutes in ((1, 5), (2, 7), (3, 50))),
            deployed("compass", -9), *(deployed("compass", 20, hour) for hour in range(5)),
            deployed("outages", -9), deployed("metrik", -9, 0, "k0"), deployed("metrik", 20, 0, "k1"),
        ],
        "imported_incidents": [
            incident("spread", 0), incident("spread", 9), incident("at-once", 0), incident("at-once", 0, 2),
            incident("devlake", 0, 2), *(incident("twenty", 0, place) for place in range(20)),
            *(incident("outages", 0, place, minutes) for place, minutes in enumerate(OUTAGES)),
        ],
        "github_commits": list(commits()),
        "github_pull_requests": [
            *(merged(number, count) for number, count in ((1, 1), (2, 1), (3, 100))), begun_long_ago(88),
        ],
    }  # fmt: skip


def iso(moment: datetime) -> str:
    return moment.isoformat()


def deployed(service: str, day: int, hours: float = 0, sha: str | None = None) -> Payload:
    at = iso(FIRST + timedelta(days=day, hours=hours))
    return {"repository": None, "environment": "production", "attempt": 1, "sha": sha, "url": None, "service": service,
            "id": f"{service}-{day}-{hours}", "status": "success", "started_at": at, "finished_at": at}  # fmt: skip


def incident(service: str, day: int, place: int = 0, minutes: int = 9) -> Payload:
    """Half an hour after the deployment of that day or, of several in a day, of that hour."""
    opened = FIRST + timedelta(days=day, hours=place if service == "devlake" else 0, minutes=30 + place % 20)
    return {"incident_id": f"{service}-{day}-{place}", "service": service, "status": "resolved", "repository": None,
            "title": None, "severity": "high", "opened_at": iso(opened), "acknowledged_at": None,
            "resolved_at": iso(opened + timedelta(minutes=minutes)), "reopened_count": 0, "is_external": False,
            "deployment_id": None, "sha": None, "pull_request": None, "url": None}  # fmt: skip


def begun(number: int) -> datetime:
    """The deployment of that day is so many minutes later."""
    return FIRST + timedelta(days=number)


def commits() -> Iterable[Payload]:
    for number in range(4):
        at = iso(begun(number) if number else FIRST - timedelta(days=1))
        yield {"repository_id": 5, "oid": f"m{number}", "authored_at": at, "committed_at": at, "author_id": None,
               "parents": [f"m{number - 1}"] if number else []}  # fmt: skip
    for number, day in enumerate((-10, 19)):
        at = iso(begun(day))
        yield {"repository_id": 7, "oid": f"k{number}", "authored_at": at, "committed_at": at, "author_id": None,
               "parents": [f"k{number - 1}"] if number else []}  # fmt: skip


def merged(number: int, commits_count: int) -> Payload:
    at = iso(begun(number))
    listed = [{"oid": f"c{number}-{place}", "authored_at": at, "committed_at": at} for place in range(commits_count)]
    return {"pull_request_id": number, "repository_id": 5, "number": number, "state": "MERGED", "is_draft": False,
            "created_at": at, "merged_at": at, "closed_at": at, "base_is_default": True, "head_oid": listed[-1]["oid"],
            "merge_commit_oid": f"m{number}", "author_id": None, "closes_issues": [], "is_revert": False,
            "commits": listed}  # fmt: skip


def begun_long_ago(days: int) -> Payload:
    """Merged as k1, and deployed so many days after its only commit."""
    at = begun(20) - timedelta(days=days)
    commit = {"oid": "k-1", "authored_at": iso(at), "committed_at": iso(at)}
    return merged(88, 1) | {"repository_id": 7, "created_at": iso(at), "merged_at": iso(begun(19)),
                            "closed_at": iso(begun(19)), "head_oid": "k-1", "merge_commit_oid": "k1",
                            "commits": [commit]}  # fmt: skip


def value(warehouse, service, metric):
    """Over the 28 days that hold all of it."""
    found = rows(
        warehouse,
        f"""select value, numerator, denominator from marts.fct_metric_rolling where scope_type = 'service'
        and scope = '{service}' and metric = '{metric}' and window_days = 28 and metric_date = '{LAST}'""",
    )
    return found[0]


@pytest.mark.parametrize(
    ("service", "failed", "deployments", "expected"),
    [("spread", 2, 10, 20), ("at-once", 1, 10, 10), ("twenty", 1, 20, 5), ("devlake", 1, 5, 20)],
    ids=["two incidents on two days", "two on one day", "twenty on one day", "one of five in a day"],
)
def test_the_failure_rate_counts_deployments_that_failed_and_not_incidents(
    published, service, failed, deployments, expected
):
    found = value(published, service, "change_failure_rate_pct")

    assert (found["numerator"], found["denominator"]) == (failed, deployments)
    assert found["value"] == pytest.approx(expected)


def test_each_of_them_opens_all_its_incidents_nevertheless(published):
    assert value(published, "twenty", "incidents_opened")["value"] == 20
    assert value(published, "at-once", "incidents_opened")["value"] == 2


def test_the_lead_time_is_the_median_of_changes_so_a_hundred_commits_weigh_as_much_as_one(published):
    found = value(published, "merges", "change_lead_time_hours")

    assert found["denominator"] == 3
    assert found["value"] * 60 == pytest.approx(7)


def test_weeks_without_a_deployment_count_in_its_frequency(published):
    assert value(published, "compass", "deployment_frequency_per_day")["value"] * 7 == pytest.approx(1.25)


def test_a_change_counts_when_it_is_deployed_however_long_ago_it_was_begun(published):
    assert value(published, "metrik", "change_lead_time_hours")["value"] == 88 * 24


def test_the_mean_time_to_recovery_is_kept_beside_the_median(published):
    found = value(published, "outages", "mttr_hours")

    assert found["numerator"] / found["denominator"] * 60 == pytest.approx(22.5)
    assert found["value"] * 60 == pytest.approx((15 + 18) / 2)


@pytest.mark.parametrize(
    ("failed", "deployments", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0, 16.11), (1, 29, 0.61, 17.18)],
)
def test_the_interval_of_a_rate_is_wilsons(published, failed, deployments, low, high):
    where = f"scope_type = 'service' and scope = 'spread' and metric_date = '{LAST}'"
    with published.connect(Role.TRANSFORM) as connection:
        connection.execute(
            f"update marts.fct_metric_days set change_failure_rate_pct_n = {deployments}, "
            f"change_failure_rate_pct_sum = {failed} where {where}".encode()
        )
        said = connection.execute(
            "select interval_low, interval_high from marts.fct_metric_daily "
            f"where {where} and metric = 'change_failure_rate_pct'".encode()
        ).fetchone()
        connection.rollback()

    assert said == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))
