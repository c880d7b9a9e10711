from datetime import date
from pathlib import Path

import pytest

from roosevelt_pipeline.settings import PROJECT_ROOT, SECRETS, SettingsError, load_settings


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a roosevelt.toml and return its path, with none of this shell's settings in reach."""
    for name in SECRETS.values():
        monkeypatch.delenv(name, raising=False)

    def write(text: str) -> Path:
        path = tmp_path / "roosevelt.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_policy_that_ships_loads_and_names_no_organisation():
    settings = load_settings(PROJECT_ROOT / "roosevelt.toml")

    assert settings.github.organization is None
    assert not settings.is_demo


def test_a_misspelled_key_is_named_with_the_nearest_known_one(policy):
    path = policy('[github]\norganisation = "acme"\n')

    with pytest.raises(SettingsError) as caught:
        load_settings(path)

    assert str(path) in str(caught.value)
    assert "unknown key github.organisation; did you mean organization?" in str(caught.value)


def test_a_misspelled_key_inside_a_list_of_tables_is_named_with_its_place(policy):
    path = policy('[[services]]\nname = "api"\nrepository = "api"\nenvironment = ["production"]\n')

    with pytest.raises(SettingsError, match=r"services\.0\.environment; did you mean environments"):
        load_settings(path)


def test_every_fault_is_told_at_once(policy):
    path = policy('[github]\norganisation = "acme"\n[metrics]\ntimezone = "Europe/Amsterdm"\nminimum_deployments = 0\n')

    with pytest.raises(SettingsError) as caught:
        load_settings(path)

    message = str(caught.value)
    assert "github.organisation" in message
    assert "did you mean Europe/Amsterdam" in message
    assert "metrics.minimum_deployments" in message


def test_a_service_declared_twice_is_refused(policy):
    path = policy('[[services]]\nname = "api"\nrepository = "a"\n[[services]]\nname = "api"\nrepository = "b"\n')

    with pytest.raises(SettingsError, match="'api' is declared 2 times"):
        load_settings(path)


OWNED = '[[services]]\nname = "api"\nrepository = "api"\n'


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        ('[{team = "a", since = 2026-03-01}, {team = "b", since = 2026-03-01}]', "'b' needs a day"),
        ('[{team = "a", since = 2026-03-01}, {team = "b"}]', "'b' needs a day"),
        ('[{team = "a"}]\nteam = "b"', "team is 'b', but the last of owners is 'a'"),
    ],
)
def test_owners_that_do_not_follow_each_other_are_refused(policy, owners, said):
    with pytest.raises(SettingsError, match=said):
        load_settings(policy(f"{OWNED}owners = {owners}\n"))


def test_a_service_belongs_to_its_owner_of_the_day_and_to_nobody_before_the_first(policy):
    owners = '[{team = "a", since = 2026-01-01}, {team = "b", since = 2026-03-01}]'
    service = load_settings(policy(f"{OWNED}owners = {owners}\n")).services[0]

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [service.team_on(day) for day in days] == [None, "a", "a", "b"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('sources = ["workflow_job"]', r"deployments\.0: the source 'workflow_job' needs jobs"),
        ('sources = ["workflow_run"]', "the source 'workflow_run' needs workflows"),
        ('sources = ["release", "tag"]', "the source 'tag' needs tags"),
        ('sources = ["workflow_run"]\nworkflows = ["Deploy"]\njobs = ["deploy"]', "jobs is set.* 'workflow_job'"),
        ('tags = ["v*"]', "tags is set, but sources lacks 'tag' or 'release'"),
        ('branch = "production"', "branch is set, but sources lacks 'branch'"),
    ],
)
def test_a_rule_whose_source_and_patterns_do_not_fit_is_refused_with_what_is_missing(policy, rule, said):
    with pytest.raises(SettingsError, match=said):
        load_settings(policy(f"[[deployments]]\n{rule}\n"))


def test_the_first_rule_that_matches_a_repository_holds(policy):
    settings = load_settings(
        policy(
            '[[deployments]]\nrepositories = ["lib-*"]\nsources = ["tag", "release"]\ntags = ["v*"]\n'
            '[[deployments]]\nrepositories = ["*"]\nsources = ["branch"]\nbranch = "release/*"\n'
        )
    )
    library, other = settings.deployment_rule("Lib-json"), settings.deployment_rule("web")

    assert library is not None
    assert other is not None
    assert (library.sources, other.sources) == (("tag", "release"), ("branch",))
    assert other.deploys_by_push_to("release/1.2")
    assert not other.deploys_by_push_to("main")


@pytest.mark.parametrize(("branch", "read"), [(None, False), ("main", False), ("production", True), ("ma*", True)])
def test_pushes_are_read_only_where_another_branch_than_the_default_one_may_deploy(policy, branch, read):
    named = f'branch = "{branch}"' if branch else ""
    rule = load_settings(policy(f'[[deployments]]\nsources = ["branch"]\n{named}\n')).deployment_rule("web")

    assert rule is not None
    assert rule.reads_pushes("main") is read


def test_a_secret_in_the_policy_is_refused_without_being_repeated(policy):
    path = policy('github_token = "ghp_do_not_print_me"\n')

    with pytest.raises(SettingsError, match=r"set GITHUB_TOKEN in \.env") as caught:
        load_settings(path)

    assert "do_not_print_me" not in str(caught.value)


def test_the_environment_wins_over_the_file(policy, monkeypatch):
    path = policy('[github]\norganization = "acme"\nread_since = 2026-01-01\n')
    monkeypatch.setenv("ROOSEVELT_GITHUB__API_URL", "http://127.0.0.1:9999")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_canary")

    settings = load_settings(path)

    assert settings.github.organization == "acme"
    assert settings.github.read_since == date(2026, 1, 1)
    assert settings.github.api_url == "http://127.0.0.1:9999"
    assert settings.github_token is not None
    assert "ghp_canary" not in repr(settings)


def test_a_file_that_is_missing_or_broken_is_named(policy, tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no such file"):
        load_settings(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings(policy("[github\n"))


def test_a_relative_folder_is_looked_for_beside_the_policy_wherever_a_process_was_started(
    policy, monkeypatch, tmp_path
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = policy(
        '[webhooks]\nfolder = "hooks"\n[people]\ndirectory = "../hr/people.csv"\n[surveys]\ninbox = "/srv/answers"\n'
        '[quality]\ncheckouts = { web = "code/web", home = "~/home" }\n'
    )
    monkeypatch.setenv("ROOSEVELT_QUALITY__FOLDER", "reports")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.chdir(elsewhere)

    settings = load_settings(path)

    assert settings.webhooks.folder == tmp_path / "hooks"
    assert settings.people.directory == tmp_path / ".." / "hr" / "people.csv"
    assert settings.surveys.inbox == Path("/srv/answers")
    assert settings.quality.checkouts == {"web": tmp_path / "code" / "web", "home": Path("/home/ada/home")}
    assert settings.quality.folder == tmp_path / "reports"


@pytest.mark.parametrize(
    "name", ["ROOSEVELT_SURVEYS__INBOX", "ROOSEVELT_WEBHOOKS__FOLDER", "ROOSEVELT_METRICS__TIMEZONE"]
)
def test_an_empty_variable_is_as_good_as_none(policy, monkeypatch, tmp_path, name):
    path = policy('[surveys]\ninbox = "dropped"\n[webhooks]\nfolder = "hints"\n[metrics]\ntimezone = "Asia/Tokyo"\n')
    monkeypatch.setenv(name, "")

    settings = load_settings(path)

    assert (settings.surveys.inbox, settings.webhooks.folder) == (tmp_path / "dropped", tmp_path / "hints")
    assert settings.metrics.timezone == "Asia/Tokyo"


@pytest.mark.parametrize("folder", ["", ".", "./", "../{here}"])
@pytest.mark.parametrize(("section", "key"), [("surveys", "inbox"), ("webhooks", "folder")])
def test_the_policys_own_folder_is_no_inbox(policy, tmp_path, section, key, folder):
    """Every file in an inbox is taken in and moved away: roosevelt.toml and .env would be, too."""
    path = policy(f'[{section}]\n{key} = "{folder.format(here=tmp_path.name)}"\n')

    with pytest.raises(SettingsError, match=f"{section}.{key}: is the folder of roosevelt.toml itself"):
        load_settings(path)
