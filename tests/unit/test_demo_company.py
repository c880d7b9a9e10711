"""Which company the demo plays: chosen on its first day, and the same from then on."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from roosevelt_pipeline.demo_company import demo_state
from roosevelt_pipeline.environments import DEMO_POLICY
from roosevelt_pipeline.settings import SandboxSettings, load_settings

TODAY = date(2026, 11, 26)


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SandboxSettings:
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path))
    found = load_settings(DEMO_POLICY).sandbox
    assert found is not None
    return found


def test_the_demo_s_first_day_follows_a_bad_week_which_stays_where_it_is(policy):
    first = demo_state(policy, TODAY)

    assert first.bad_week == date(2026, 11, 19)  # to the 25th, which is yesterday
    assert first.start == date(2026, 5, 10)  # 200 days, the 25th among them
    assert demo_state(policy, TODAY + timedelta(days=30)) == first


def test_a_demo_that_an_older_version_began_gets_no_other_past(policy, tmp_path):
    (tmp_path / "demo.json").write_text('{"seed": 7, "start": "2026-03-02", "scale": 1.0}\n')

    kept = demo_state(policy, TODAY)
    assert (kept.seed, kept.start, kept.bad_week) == (7, date(2026, 3, 2), None)
