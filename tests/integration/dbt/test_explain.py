"""Numbers taken apart, on the warehouse whose numbers are worked out by hand."""

import json
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from click.testing import CliRunner

from roosevelt_pipeline.cli import cli
from roosevelt_pipeline.explain import WINDOWS, ExplainError, explain
from roosevelt_pipeline.explain_report import web_address
from roosevelt_pipeline.settings import GitHubSettings, ServiceSettings, Settings, TeamSettings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.integration.dbt.tiny import fill_raw
from tests.support.pipeline import dbt_build, every_number, rows

DAY = date(2026, 1, 31)
NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def listed(items):
    """The last parts of the items' keys, which say which they are."""
    return [item.item_id.removesuffix("/1").rsplit("/", 1)[-1] for item in items]


def left_out(explanation):
    found: dict[str, list[str]] = {}
    for item in explanation.left_out:
        found.setdefault(item.reason, []).append(item.item_id)
    return found


def test_a_lead_time_lists_its_changes_and_leaves_out_machines_and_the_first_deployment(built):
    said = explain(built, "change_lead_time_hours", "service:web", DAY, 90)

    assert [(item.number, item.method, item.confidence) for item in said.items] == [
        (number, "ancestry", 1.0) for number in (1, 2, 3, 4)
    ]
    assert [item.path for item in said.items] == [f"acme/web/pull/{number}" for number in (1, 2, 3, 4)]
    assert left_out(said) == {"first_deployment": ["web/commit:1:s0"], "machine": ["web/pull-request:105"]}


def test_a_failure_rate_lists_every_deployment_with_what_blames_it(built):
    said = explain(built, "Change failure rate", "service:web", DAY, 28)

    assert [(*listed([item]), item.is_hit, item.method, item.confidence) for item in said.items] == [
        ("502", False, None, None),
        ("503", True, "revert", 0.9),
        ("504", False, None, None),
        ("505", True, "time", 0.5),
    ]
    assert listed([said.items[1]]) == ["503"]
    assert [one.rsplit("/", 2)[-2] for one in said.items[1].linked_to] == ["504"]
    assert said.items[3].linked_to == ["github:9001"]


def test_what_no_deployment_answers_for_is_left_out_of_the_failure_rate_by_name(built):
    of_all = explain(built, "change_failure_rate_pct", None, DAY, 28)
    of_web = explain(built, "change_failure_rate_pct", "service:web", DAY, 28)

    assert left_out(of_web) == {
        "attempt_failed": ["web/production/github_deployment/506/1"],
        "duplicate_or_not_planned": ["import:1", "pagerduty:PD1"],
        "external": ["github:9002"],
    }
    assert left_out(of_all) == {
        "attempt_failed": ["web/production/github_deployment/506/1"],
        "duplicate_or_not_planned": ["import:1", "import:2", "pagerduty:PD1"],
        "external": ["github:9002"],
        "unknown_service": ["production/event/mail/7/1"],
    }


def test_an_incident_that_is_still_open_is_left_out_of_the_time_to_recovery(built):
    said = explain(built, "mttr_hours", "service:web", DAY, 7)

    assert [(item.item_id, item.value) for item in said.items] == [("github:9001", 3)]
    assert left_out(said) == {"still_open": ["github:9002"]}


def test_a_cancelled_attempt_is_left_out_of_the_day_on_which_it_ended(built):
    said = explain(built, "deployment_attempt_failure_rate_pct", "service:web", date(2026, 1, 3), 1)

    assert (said.number.n, said.number.value, said.items) == (0, None, [])
    assert left_out(said) == {"attempt_cancelled": ["web/production/event/web/8/1"]}


@pytest.mark.parametrize("days", WINDOWS)
def test_whatever_is_listed_adds_up_to_the_number(built, days):
    said = list(every_number(built, DAY, days))

    assert len(said) == 3 * len(rows(built, "select from reference.metric_catalog"))  # service, repository, all
    assert [f"{one.number.metric} of {one.number.scope_type}" for one in said if not one.adds_up] == []


def test_nothing_is_both_counted_and_left_out(built):
    for one in every_number(built, DAY, 90):
        counted = {(item.item_type, item.item_id) for item in one.items}
        assert counted.isdisjoint((item.item_type, item.item_id) for item in one.left_out), one.number


def test_a_number_that_does_not_add_up_is_told(built):
    said = explain(built, "change_lead_time_hours", "service:web", DAY, 28)

    assert not replace(said, items=said.items[1:]).adds_up
    assert not replace(said, items=[replace(said.items[0], value=1.0), *said.items[1:]]).adds_up


def test_a_name_without_its_type_means_the_service_and_says_what_else_it_could_mean(built):
    said = explain(built, "incidents_opened", "acme/web", DAY, 7)

    assert (said.number.scope_type, said.number.scope, said.also) == ("service", "web", ["repository:web"])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"metric": "change_led_time_hours"}, "did you mean change_lead_time_hours"),
        ({"metric": "Lead time"}, "did you mean change_lead_time_hours"),
        ({"scope": "service:wep"}, "did you mean service:web"),
        ({"scope": "team:web"}, "service:web"),
        ({"day": date(2026, 2, 1)}, "from 2026-01-01 to 2026-01-31, and none for 2026-02-01"),
        ({"days": 30}, "there are: 1, 7, 28, 90"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(built, asked, answer):
    question = {"metric": "mttr_hours", "scope": "service:web", "day": DAY, "days": 7} | asked
    with pytest.raises(ExplainError, match=answer):
        explain(built, **question)


def test_what_counts_on_the_next_day_where_the_team_is_is_left_out_of_this_one(new_warehouse, tmp_path):
    """502 ended on 6 January at 12:10 UTC, when it was 01:10 of the 7th in Auckland."""
    warehouse = new_warehouse()
    fill_raw(warehouse)
    team = TeamSettings(name="south", timezone="Pacific/Auckland")
    service = ServiceSettings(name="web", repository="web", team="south")
    policy = Settings(github=GitHubSettings(organization="acme"), teams=(team,), services=(service,))
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, policy, DAY, uuid4())
    wanted = ("+fct_metric_daily", "fct_metric_items", "+fct_metric_exclusions", "+fct_metric_item_details")
    dbt_build(warehouse, tmp_path, "--select", *wanted, *NO_TESTS)

    sixth, seventh = (
        explain(warehouse, "deployment_frequency_per_day", "service:web", date(2026, 1, day), 1) for day in (6, 7)
    )

    assert (sixth.number.n, seventh.number.n) == (0, 1)
    assert left_out(sixth) == {"on_another_day_in_the_scopes_zone": ["web/production/github_deployment/502/1"]}
    assert (listed(seventh.items), left_out(seventh)) == (["502"], {})


@pytest.fixture
def command(built, tmp_path, monkeypatch):
    policy = tmp_path / "roosevelt.toml"
    policy.write_text('[github]\norganization = "acme"\n')
    monkeypatch.setenv("ROOSEVELT_CONFIG", str(policy))
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", built.url)
    return lambda *arguments: CliRunner().invoke(cli, ["explain", *arguments], catch_exceptions=False)


def test_the_command_prints_the_number_its_events_and_what_was_left_out(command):
    printed = command("change_failure_rate_pct", "--scope", "service:web", "--date", "2026-01-31").output

    assert printed.startswith(
        "Change failure rate of service web, 28 days to 2026-01-31\n  50 percent (insufficient_data)"
    )
    assert "n 4, numerator 2, denominator 4" in printed
    assert "from 2026-01-04 00:00 until 2026-02-01 00:00 (UTC), change_failure_rate_pct version 1" in printed
    assert "made of 4 deployments, which add up to it." in printed
    assert "by revert (confidence 0.9)" in printed
    assert "https://github.com/acme/web/commit/s5" in printed
    assert "Left out: 1 incident, caused by somebody else (external)." in printed


def test_the_command_says_the_same_to_programs(command):
    said = json.loads(command("mttr_hours", "--scope", "web", "--date", "2026-01-31", "--window", "7", "--json").output)

    assert (said["number"]["value"], said["number"]["unit"], said["adds_up"]) == (3, "hours", True)
    assert [(item["item_id"], item["url"]) for item in said["items"]] == [
        ("github:9001", "https://github.com/acme/web/issues/90")
    ]
    assert said["left_out_by_reason"] == {"still_open": 1}


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com/", "https://acme.ghe.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
        ("http://127.0.0.1:8080", "https://github.com"),
    ],
)
def test_pages_are_where_the_api_says_that_github_is(api, pages):
    assert web_address(api) == pages
