"""What `roosevelt doctor` says about what is wrong, and what to do."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from roosevelt_pipeline.doctor import Check, examine
from roosevelt_pipeline.sandbox.codecov import TOKEN as CODECOV_TOKEN
from roosevelt_pipeline.sandbox.pagerduty import TOKEN, PagerDuty, served
from tests.integration.cli.conftest import POLICY, Site
from tests.support.old_postgres import old_postgres


@pytest.fixture
def examined(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Check]]:
    """Looks at a site, in this process, and gives what is not good."""

    def look(policy: str = POLICY, demo: bool | None = None, **changes: str) -> list[Check]:
        site.policy(policy)
        for name, value in {**site.environment, **changes}.items():
            monkeypatch.setenv(name, value)
        return [check for check in examine(demo) if check.verdict != "good"]

    return look


def only(checks: list[Check]) -> str:
    """The one fault, in words. More than one would send the user on a wrong track."""
    assert [check.verdict for check in checks] == ["bad"], checks
    assert checks[0].remedy
    return f"{checks[0].subject}: {checks[0].message} → {checks[0].remedy}"


def test_a_sound_site_has_nothing_wrong_and_exits_with_0(site):
    answer = site.roosevelt("doctor")

    assert answer.stdout.endswith("A run would work.\n"), answer.stdout + answer.stderr
    assert answer.returncode == 0


def test_a_misspelled_key_is_named_with_the_key_that_was_meant(site):
    site.policy("[github]\norganisation = 'acme'\n")
    answer = site.roosevelt("doctor")

    assert "unknown key github.organisation; did you mean organization?" in answer.stdout
    assert answer.returncode == 1


def test_every_other_command_says_so_as_well_before_it_does_anything(site):
    site.policy("[github]\norganisation = 'acme'\n")
    for command in (["run", "daily"], ["up"], ["psql", "-c", "select 1"], ["status"], ["db", "migrate"]):
        answer = site.roosevelt(*command)
        assert "unknown key github.organisation; did you mean organization?" in answer.stderr
        assert "Traceback" not in answer.stderr
        assert answer.returncode == 2


def test_an_organisation_that_is_not_named_is_asked_for(examined):
    assert "github.organization is not set" in only(examined(policy="[github]\n"))


def test_a_team_that_does_not_exist_is_named(examined):
    policy = POLICY + '[[services]]\nname = "api"\nrepository = "api"\nteam = "paymints"\n'

    assert "services.api: there is no team 'paymints'" in only(examined(policy))
    assert "did you mean 'payments'" in only(examined(policy))


def test_a_repository_that_does_not_exist_is_named(examined):
    policy = POLICY + '[[services]]\nname = "front"\nrepository = "wob"\n'

    assert "services.front: there is no repository 'wob'" in only(examined(policy))
    assert "did you mean 'web'" in only(examined(policy))


def test_a_repository_that_the_token_may_not_see_is_named(examined):
    policy = '[github]\norganization = "acme"\ninclude = ["api", "web"]\n'

    message = only(examined(policy, GITHUB_TOKEN="web-alone"))

    assert "'api' matches no repository that the token may see" in message


def test_a_missing_token_is_asked_for(examined):
    assert "GITHUB_TOKEN: not set" in only(examined(GITHUB_TOKEN=""))


@pytest.mark.parametrize("token", ["expired", "hush-hush"])
def test_a_token_that_is_refused_is_told_so_and_not_shown(examined, token):
    message = only(examined(GITHUB_TOKEN=token))

    assert "GITHUB_TOKEN" in message
    assert "hush-hush" not in message


def test_a_permission_that_is_lacking_is_named(examined):
    message = only(examined(GITHUB_TOKEN="no-actions"))

    assert message.startswith("permission Actions")
    assert "read-only" in message


def test_a_database_that_is_down_is_named_without_its_password(examined):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql://user:hush-hush@127.0.0.1:{closed.getsockname()[1]}/metrics"
        message = only(examined(DATABASE_URL=address))

    assert "cannot connect to the database metrics on 127.0.0.1" in message
    assert "DATABASE_URL" in message
    assert "hush-hush" not in message


def test_a_database_that_is_too_old_is_told_which_version_is_needed(examined):
    with old_postgres("14.9") as address:
        message = only(examined(DATABASE_URL=address))

    assert "is PostgreSQL 14; 15 or newer is needed" in message.replace(" → ", "; ")


def test_a_database_that_only_reads_is_told_so(examined, fresh_warehouse, server):
    name = fresh_warehouse.url.rsplit("/", 1)[1]
    with psycopg.connect(server.url(), autocommit=True) as connection:
        statement = sql.SQL("alter database {} set default_transaction_read_only = on")
        connection.execute(statement.format(sql.Identifier(name)))

    assert "read-only" in only(examined(DATABASE_URL=fresh_warehouse.url))


def test_a_user_who_may_build_nothing_is_told_what_an_administrator_must_run(examined, fresh_warehouse, server):
    name = fresh_warehouse.url.rsplit("/", 1)[1]
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("drop role if exists roosevelt_stranger")
        connection.execute("create role roosevelt_stranger login password 'stranger'")
    try:
        message = only(examined(DATABASE_URL=server.url(name, "roosevelt_stranger", "stranger")))
    finally:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("drop role roosevelt_stranger")

    assert "roosevelt_stranger" in message
    assert "an administrator must run" in message


def test_an_address_that_is_none_is_told_how_one_reads(examined):
    message = only(examined(DATABASE_URL="metrics:hush-hush@db"))

    assert "postgresql://user:password@host:5432/database" in message
    assert "hush-hush" not in message


def test_a_webhook_that_is_no_webhook_is_odd_but_stops_no_run(examined):
    checks = examined(SLACK_WEBHOOK="https://example.com/hook")

    assert [(check.verdict, check.subject) for check in checks] == [("odd", "Slack")]


def test_a_pagerduty_key_is_tried_and_services_that_it_does_not_see_are_named(examined):
    account = PagerDuty(datetime.now(UTC), services={"PWEB001": "Shop"})
    with served(account) as url:
        described = (
            f'{POLICY}[pagerduty]\napi_url = "{url}"\nservices = {{pweb001 = "web", SHOP = "web", Chop = "web"}}\n'
        )
        seen = examined(policy=described, PAGERDUTY_TOKEN=TOKEN)
        refused = examined(policy=described, PAGERDUTY_TOKEN="canary-4711")

    assert [(check.verdict, check.message) for check in seen] == [("odd", "has no service Chop")]
    assert "PAGERDUTY_TOKEN" in only(refused)
    assert "4711" not in only(refused)


def test_a_pagerduty_that_is_described_but_has_no_key_is_odd(examined):
    checks = examined(policy=POLICY + '[pagerduty]\nservices = {PWEB001 = "web"}\n')

    assert [(check.verdict, check.remedy) for check in checks] == [("odd", "set PAGERDUTY_TOKEN")]


def test_a_dotenv_that_others_may_read_is_odd(examined, site):
    path = site.folder / ".env"
    path.write_text("GITHUB_TOKEN=good\n")
    path.chmod(0o644)

    assert [check.subject for check in examined()] == [".env"]


def test_secrets_are_read_from_dotenv_and_the_environment_wins_over_it(site):
    path = site.folder / ".env"
    path.write_text("GITHUB_TOKEN=expired\n")
    path.chmod(0o600)
    assert site.roosevelt("doctor").returncode == 0

    del site.environment["GITHUB_TOKEN"]
    assert site.roosevelt("doctor").returncode == 1


def test_a_token_that_codecov_refuses_is_told_so_and_not_shown(examined, github):
    message = only(examined(CODECOV_TOKEN="hush-hush", ROOSEVELT_QUALITY__CODECOV_URL=github))

    assert "does not accept CODECOV_TOKEN" in message
    assert "make an API access token" in message
    assert "hush-hush" not in message


def test_a_token_that_codecov_takes_is_fine_and_a_checkout_that_is_not_there_is_named(examined, github, site):
    policy = POLICY + '[quality]\ncheckouts = { web = "code/web" }\n'

    (odd,) = examined(policy, CODECOV_TOKEN=CODECOV_TOKEN, ROOSEVELT_QUALITY__CODECOV_URL=github)

    assert odd.verdict == "odd"
    assert f"there is no checkout {site.folder}/code/web of web" in odd.message
