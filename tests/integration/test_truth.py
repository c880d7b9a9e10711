"""What the pipeline says, held against what happened, event by event.

The simulator writes down the truth while it plays; the pipeline sees GitHub alone.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from roosevelt_pipeline.privacy.identities import IdentityVault, normalised
from roosevelt_pipeline.privacy.keys import identity_key
from roosevelt_pipeline.publishing import publish
from roosevelt_pipeline.quality import collect_coverage, collect_lines
from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.sandbox.coverage import lines_of
from roosevelt_pipeline.settings import home
from roosevelt_pipeline.warehouse.connections import Role
from tests.support import space_truth
from tests.support.pipeline import (
    RunningCompany,
    collect_everything,
    dbt_build,
    every_number,
    rows,
    running_company,
)

EVERYBODY_TAKES_PART = """
    insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel)
    select user_id, '2026-01-01', user_id, '1', 'directory' from raw.github_accounts where not is_bot
"""
SAMPLE = [(1901, 120)]
SOAK = [(seed, 200) for seed in range(1, 21)]


@pytest.fixture(
    scope="module",
    params=[*SAMPLE, *(pytest.param(one, marks=pytest.mark.soak) for one in SOAK)],
    ids=lambda one: f"seed {one[0]}, {one[1]} days",
)
def company(request: pytest.FixtureRequest) -> Iterator[RunningCompany]:
    seed, days = request.param
    with running_company(Company.of_days(seed, date(2026, 3, 2), days)) as running:
        yield running


@pytest.fixture(scope="module")
def built(company, new_warehouse, tmp_path_factory):
    warehouse = new_warehouse()
    assert collect_everything(company, warehouse) == []
    with warehouse.connect(Role.OWNER) as connection:
        connection.execute(EVERYBODY_TAKES_PART)
    assert collect_lines(company.settings, warehouse, uuid.uuid4()).failures == []
    assert collect_coverage(company.settings, warehouse, uuid.uuid4()).failures == []
    dbt_build(warehouse, tmp_path_factory.mktemp("target"), "--exclude-resource-type", "unit_test")
    assert list(publish(warehouse, company.settings.privacy, uuid.uuid4()))
    return warehouse


def test_every_attempt_has_the_outcome_that_it_had(company, built):
    said = {
        (row["service"], row["source"], int(row["source_id"]), row["attempt"]): row["outcome"]
        for row in rows(built, "select service, source, source_id, attempt, outcome from marts.fct_deployment_attempts")
    }
    happened = {(one.service, one.source, one.source_id, one.attempt): one.outcome for one in company.truth.deployments}
    assert_same(said, happened)


def test_every_deployment_is_found_with_its_end_and_nothing_else_is_one(company, built):
    columns = "service, source, source_id, attempt, sha, deployed_at, is_first, is_rollback"
    said = {
        deployment_key(row): (row["sha"], row["deployed_at"], row["is_first"], row["is_rollback"])
        for row in rows(built, f"select {columns} from marts.fct_deployments")
    }
    happened = {
        (one.service, one.source, one.source_id, one.attempt): (
            one.sha,
            instant(one.ended_at),
            one.is_first,
            one.is_rollback,
        )
        for one in company.truth.deployments
        if one.is_deployment
    }
    assert_same(said, happened)


def test_every_change_came_with_the_deployment_that_shipped_it(company, built):
    query = """
        select changes.*, deployments.source_id, deployments.attempt
        from marts.fct_changes as changes
        left join marts.fct_deployments as deployments on changes.deployment_id = deployments.deployment_id
    """
    said = {
        (row["service"], row["sha"]): (
            row["pull_request_number"],
            row["is_bot"],
            row["merged_at"],
            row["first_commit_at"],
            row["source_id"] and int(row["source_id"]),
            row["attempt"],
            row["deployed_at"],
        )
        for row in rows(built, query)
    }
    happened = {
        (one.service, one.sha): (
            one.pull_request_number,
            one.author_is_bot,
            instant(one.merged_at),
            instant(one.lead_time_from),
            one.deployed_by,
            one.deployed_attempt,
            instant(one.deployed_at),
        )
        for one in company.truth.changes
    }
    assert_same(said, happened)


def test_every_failure_is_judged_by_its_evidence_and_recovers_when_it_did(company, built):
    columns = "service, source, source_id, attempt, failure_method, recovered_at, is_unplanned"
    said = {
        deployment_key(row): (row["failure_method"], row["recovered_at"], row["is_unplanned"])
        for row in rows(built, f"select {columns} from marts.fct_deployments")
    }
    happened = {
        (one.service, one.source, one.source_id, one.attempt): (
            one.failure_method,
            instant(one.recovered_at),
            one.is_unplanned,
        )
        for one in company.truth.deployments
        if one.is_deployment
    }
    assert_same(said, happened)
    assert {method for method, _, _ in said.values()} >= {"explicit", "revert", "rollback", "hotfix", "time"}


def test_every_incident_has_its_times_and_the_deployment_that_caused_it(company, built):
    query = """
        select incidents.*, deployments.source_id, deployments.attempt
        from marts.fct_incidents as incidents
        left join marts.fct_deployments as deployments on incidents.deployment_id = deployments.deployment_id
    """
    said = {
        (row["issue_repository"].split("/")[-1], row["issue_number"]): (
            row["service"],
            row["severity"],
            row["opened_at"],
            row["resolved_at"],
            row["is_excluded"],
            row["is_external"],
            row["source_id"] and int(row["source_id"]),
            row["attempt"],
            row["link_method"],
        )
        for row in rows(built, query)
    }
    happened = {
        (one.repository, one.number): (
            one.service,
            one.severity,
            instant(one.opened_at),
            instant(one.resolved_at),
            one.excluded,
            one.external,
            one.deployment_source_id,
            one.deployment_attempt,
            one.link_method,
        )
        for one in company.truth.incidents
    }
    assert_same(said, happened)


def deployment_key(row: dict[str, Any]) -> tuple[str, str, int, int]:
    return (row["service"], row["source"], int(row["source_id"]), row["attempt"])


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def assert_same(said: dict[Any, Any], happened: dict[Any, Any]) -> None:
    """Name the first few differences: a diff of a thousand rows helps nobody."""
    assert happened, "nothing happened, so nothing is compared"
    different = {
        key: (said.get(key), happened.get(key)) for key in said | happened if said.get(key) != happened.get(key)
    }
    lines = [f"{key}: said {ours}, happened {theirs}" for key, (ours, theirs) in list(different.items())[:8]]
    assert not different, f"{len(different)} of {len(happened)} differ\n" + "\n".join(lines)


ALL = pytest.mark.soak


@pytest.mark.parametrize(
    ("days", "scopes"), [(28, 2), pytest.param(1, 1000, marks=ALL), pytest.param(28, 1000, marks=ALL)]
)
def test_every_number_opens_up_to_events_that_add_up_to_it(company, built, days, scopes):
    said = list(every_number(built, company.as_of, days, scopes))

    assert {one.number.scope_type for one in said} == {"service", "team", "repository", "organization"}
    assert [f"{one.number.metric} of {one.number.scope}" for one in said if not one.adds_up] == []


@pytest.fixture(scope="module")
def books(company) -> space_truth.Books:
    zones = {team.name: company.settings.zone_of(team.name) for team in company.settings.teams}
    return space_truth.Books(company.state.store, zones, company.company.ends_at)


@pytest.fixture(scope="module")
def surrogates(company, built) -> dict[space_truth.Who, str]:
    """The surrogate of an account or an address, for those who know the key."""
    vault = IdentityVault(identity_key(company.settings, home()))
    known = [("github", str(doc["id"])) for doc in company.state.store.docs("select doc from accounts")]
    known += [("email", normalised(doc["author_email"])) for doc in company.state.store.docs("select doc from commits")]
    hashes = {vault.hashed(*who): who for who in known}
    query = """
        select identities.identity_hmac, coalesce(people.canonical_user_id, identities.user_id)::text as user_id
        from vault.identities as identities left join raw.people as people using (user_id)
    """
    found = [(row["user_id"], hashes.get(bytes(row["identity_hmac"]))) for row in rows(built, query)]
    return {who: user_id for user_id, who in found if who}


@pytest.fixture(scope="module")
def last_days(built) -> dict[str, date]:
    """The last day that had ended where each person is; of a week of which none has, nothing is told yet."""
    query = "select user_id::text, max(date) as day from marts.space_activity group by 1"
    return {row["user_id"]: row["day"] for row in rows(built, query)}


@pytest.fixture(scope="module")
def told(surrogates, last_days) -> Callable[[dict[tuple[int, date], Any]], dict[tuple[str, date], Any]]:
    """What happened, by surrogate, of the days and weeks that can be told of."""

    def by_surrogate(happened: dict[tuple[int, date], Any]) -> dict[tuple[str, date], Any]:
        users = {(account, day): surrogates["github", str(account)] for account, day in happened}
        return {(users[key], key[1]): what for key, what in happened.items() if key[1] <= last_days[users[key]]}

    return by_surrogate


def test_everybodys_last_day_is_the_last_that_has_ended_where_they_are(company, books, surrogates, last_days):
    accounts = {surrogates.get(("github", str(account))): account for account in books.humans}
    ends_at, day = company.company.ends_at, timedelta(days=1)
    happened = {user: ends_at.astimezone(books.zone(accounts.get(user, 0))).date() - day for user in last_days}
    assert_same(last_days, happened)
    assert len(set(happened.values())) == 2


def test_everybodys_days_hold_the_pull_requests_and_reviews_that_happened(books, told, built):
    said = {
        (row["user_id"], row["date"]): (row["prs_created"], row["prs_reviewed"])
        for row in rows(built, "select user_id::text, date, prs_created, prs_reviewed from marts.space_activity")
        if row["prs_created"] or row["prs_reviewed"]
    }
    assert_same(said, told(space_truth.activity(books)))


def test_everybodys_weeks_hold_the_reviews_comments_and_other_teams_that_there_were(books, told, built):
    query = """
        select user_id::text, week_start, code_reviews_given, review_comments_count, cross_team_prs
        from marts.space_collaboration where code_reviews_given > 0
    """
    said = {
        (row["user_id"], row["week_start"]): (
            row["code_reviews_given"], row["review_comments_count"], row["cross_team_prs"] or 0,
        )
        for row in rows(built, query)
    }  # fmt: skip
    assert_same(said, told(space_truth.collaboration(books)))


def test_everybodys_weeks_hold_the_turns_that_they_took_in_time(books, told, built):
    query = """
        select user_id::text, week_start, turns_in_time_count, turns_count, async_communication_score
        from marts.space_collaboration where turns_count > 0
    """
    said = {
        (row["user_id"], row["week_start"]): (
            row["turns_in_time_count"], row["turns_count"], pytest.approx(row["async_communication_score"]),
        )
        for row in rows(built, query)
    }  # fmt: skip
    happened = {key: (*counts, 100 * counts[0] / counts[1]) for key, counts in told(space_truth.turns(books)).items()}
    assert_same(said, happened)
    assert len({score for _, _, score in happened.values()}) > 2


def test_every_figure_that_was_published_is_that_of_the_persons_in_it(books, built):
    digits = {row["figure"]: row["digits"] for row in rows(built, "select * from reference.space_catalog")}
    decided = rows(built, "select * from published.space_figures where period = 'week'")
    happened = space_truth.figures(books)
    names = {name for name, _, _ in happened}
    said, was, small = {}, {}, []
    for row in decided:
        group = "organization" if row["scope_type"] == "organization" else f"team:{row['scope']}"
        key = (row["figure"], group, row["period_start"])
        truth = happened.get(key, space_truth.Figure(None, 0))
        if row["figure"] in names and row["status"] == "ok":
            rounded = 10 ** -digits[row["figure"]] / 2 + 1e-9
            said[key] = (row["value"], row["n"])
            assert truth.value is not None, key
            was[key] = (pytest.approx(truth.value, rel=0, abs=rounded), truth.n)
        elif row["figure"] in names:
            small.append((row["reason"] == "too_few", truth.n < 3))
    assert_same(said, was)
    assert min(n for _, n in said.values()) >= 3
    assert [pair for pair in small if pair[0] != pair[1]] == []
    assert {name for name, _, _ in said} >= {"prs_created", "code_reviews_given", "async_communication_score"}


def test_the_company_made_as_many_commits_as_its_books_hold(books, surrogates, built):
    """By person, over all days: whoever signed with an address alone is counted where the vault tied it to."""
    said = {
        row["user_id"]: row["n"]
        for row in rows(built, "select user_id::text, sum(commits_count) as n from marts.space_activity group by 1")
        if row["n"]
    }
    days = {
        row["user_id"]: row
        for row in rows(
            built,
            "select user_id::text, min(date) as first, max(date) as last, min(time_zone) as zone "
            "from marts.space_activity group by 1",
        )
    }
    happened: dict[str, int] = {}
    for (who, at), count in space_truth.commits(books).items():
        name = who if who[0] == "github" else ("email", normalised(who[1]))
        user = surrogates.get(name)
        if user not in days:
            continue
        day = at.astimezone(ZoneInfo(days[user]["zone"])).date()
        if days[user]["first"] <= day <= days[user]["last"]:
            happened[user] = happened.get(user, 0) + count
    assert_same(said, happened)


def test_every_repository_is_covered_as_its_last_build_measured_and_has_the_lines_it_has(company, built):
    lines = {doc["name"]: lines_of(doc) for doc in company.state.store.docs("select doc from repositories")}
    found = rows(built, "select repository, date, code_coverage_pct, lines_count from marts.space_performance")
    newest = company.settings.quality.artifacts_per_run
    happened = space_truth.coverage(company.state.store, company.company.ends_at, newest)
    said = {
        (row["repository"], row["date"]): row["code_coverage_pct"]
        for row in found
        if row["code_coverage_pct"] is not None
    }
    assert_same(said, {key: pytest.approx(pct) for key, pct in happened.items()})
    assert {(row["repository"], row["lines_count"]) for row in found} == set(lines.items())


def test_every_repositorys_defects_stand_against_its_lines(company, built):
    lines = {doc["name"]: lines_of(doc) for doc in company.state.store.docs("select doc from repositories")}
    said = {
        (row["repository"], row["date"]): row["defect_density"]
        for row in rows(built, "select * from marts.space_performance where bugs_count > 0")
    }
    happened = {
        (name, day): pytest.approx(1000 * facts["bugs_count"] / lines[name])
        for (name, day), facts in space_truth.performance(company.state.store, company.company.ends_at).items()
    }
    assert_same(said, happened)
