"""PyGithub, unmodified, as a client that knows GitHub and not us."""

import pytest
from github import Auth, Github, UnknownObjectException

from tests.integration.sandbox.conftest import Client


def pygithub(client: Client, prefix: str = "") -> Github:
    return Github(
        auth=Auth.Token("sandbox-token"), base_url=client.base + prefix, per_page=20, retry=None,
        seconds_between_requests=None, seconds_between_writes=None,
    )  # fmt: skip


def test_pygithub_walks_the_organisation(client: Client) -> None:
    names = [repository.full_name for repository in pygithub(client).get_organization("acme").get_repos()]
    assert sorted(names) == ["acme/api", "acme/web"]


def test_pygithub_reads_every_object_of_a_repository_once_across_its_pages(client: Client) -> None:
    repository = pygithub(client).get_repo("acme/api")
    numbers = [pull.number for pull in repository.get_pulls(state="all", sort="created", direction="asc")]
    assert numbers == list(range(1, 61))
    assert len({d.id for d in repository.get_deployments()}) == 45
    assert len({run.id for run in repository.get_workflow_runs()}) == 130
    assert len({release.id for release in repository.get_releases()}) == 12
    assert len({commit.sha for commit in repository.get_commits()}) == 250
    assert repository.get_workflow_runs().totalCount == 130


def test_pygithub_follows_the_cursor_of_the_issue_list(client: Client) -> None:
    issues = list(pygithub(client).get_repo("acme/api").get_issues(state="all", sort="created", direction="asc"))
    assert len({issue.number for issue in issues}) == 90  # 30 issues and 60 pull requests


def test_pygithub_completes_an_object_that_a_list_left_incomplete(client: Client) -> None:
    first = pygithub(client).get_repo("acme/api").get_pulls(state="all", direction="asc")[0]
    assert (first.additions, first.commits, first.merged_by.login) == (1, 1, "bob-ünïcode")


def test_pygithub_reads_a_deployment_with_its_statuses_newest_first(client: Client) -> None:
    oldest = pygithub(client).get_repo("acme/api").get_deployment(40_001)
    assert [status.state for status in oldest.get_statuses()] == ["inactive", "success", "in_progress"]


def test_pygithub_reads_an_earlier_attempt_of_a_run(client: Client) -> None:
    run = pygithub(client).get_repo("acme/api").get_workflow_run(9003)
    assert (run.run_attempt, run.conclusion) == (2, "success")
    assert run.get_attempt(1).conclusion == "failure"


def test_pygithub_asks_graphql_under_both_addresses(client: Client) -> None:
    for prefix in ("", "/api/v3"):
        _, answer = pygithub(client, prefix).requester.graphql_query("query Who { viewer { login } }", {})
        assert answer == {"data": {"viewer": {"login": "roosevelt-reader"}}}


def test_pygithub_works_under_the_address_of_an_enterprise_server(client: Client) -> None:
    repository = pygithub(client, "/api/v3").get_repo("acme/api")
    assert repository.url == f"{client.base}/api/v3/repos/acme/api"
    assert len(list(repository.get_deployments())) == 45


def test_pygithub_takes_an_unknown_repository_for_unknown(client: Client) -> None:
    with pytest.raises(UnknownObjectException):
        pygithub(client).get_repo("acme/secret")
