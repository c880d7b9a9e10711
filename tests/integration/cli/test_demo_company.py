"""The demo's GitHub under plain `dagster dev`, where no supervisor has started it."""

from pathlib import Path

import pytest
import requests

from roosevelt_pipeline.services import reachable_settings


@pytest.fixture
def nobody_configured_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "roosevelt.toml"
    policy.write_text("")
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ROOSEVELT_CONFIG", str(policy))


@pytest.mark.usefixtures("nobody_configured_anything")
def test_a_run_finds_the_simulated_company_and_leaves_no_process_behind():
    with reachable_settings(start=True) as settings:
        token = settings.github_token.get_secret_value()
        address = f"{settings.github.api_url}/orgs/{settings.github.organization}/repos"
        answer = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert len(answer.json()) == 7

    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=10)


@pytest.mark.usefixtures("nobody_configured_anything")
def test_a_look_for_news_starts_no_company():
    with reachable_settings(start=False) as settings:
        assert settings.github_token is None
