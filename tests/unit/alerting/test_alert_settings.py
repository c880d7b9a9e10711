"""What roosevelt.toml may say of alerts, and how a mistake is told."""

import pytest

from roosevelt_pipeline.settings import SettingsError, load_settings


@pytest.fixture
def policy(tmp_path):
    def write(text: str):
        (tmp_path / "roosevelt.toml").write_text(text, encoding="utf-8")
        return tmp_path / "roosevelt.toml"

    return write


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('name = "low_activity"\nmetric = "deployment_freqency_per_day"', "did you mean deployment_frequency_per_day"),
        ('name = "low_activity"\nminimun = 3', r"alerts\.rules\.0\.minimun; did you mean minimum"),
        ('name = "low_activity"\nroutes = ["slak"]', r"rules\.0\.routes: there is no 'slak'; did you mean slack"),
        ('name = "low_activity"\nhides = ["anomly"]', "did you mean anomaly"),
        ('name = "mine"\nmetric = "mttr_hours"\nsays = "Look."', "mine: no condition"),
        ('name = "mine"\nmetric = "mttr_hours"\nforecast_days = 14\nsays = "Look."', "needs above or below"),
        (
            'name = "mine"\nmetric = "deployment_frequency_per_day"\nwindow_days = 28\nbelow = 1\nforecast_days = 14\n'
            'says = "Look."',
            "mine: counts are forecast by the week, so forecast_days needs window_days = 7",
        ),
        (
            'name = "mine"\nmetric = "deployment_active_days_pct"\nbelow = 20\nforecast_days = 14\nsays = "Look."',
            "neither searched for anomalies nor forecast",
        ),
        ('name = "low_activity"\nscope_types = ["teams"]', r"rules\.0\.scope_types"),
        ('name = "low_activity"\n[[alerts.rules]]\nname = "low_activity"', "declared 2 times"),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_file_place_and_the_nearest_name(policy, rule, told):
    path = policy(f"[[alerts.rules]]\n{rule}\n")

    with pytest.raises(SettingsError, match=told) as caught:
        load_settings(path)

    assert str(path) in str(caught.value)


def test_one_of_the_six_keeps_what_is_not_said(policy):
    path = policy('[[alerts.rules]]\nname = "low_activity"\nfalls_by_ratio = 0.7\n')
    rules = {rule.name: rule for rule in load_settings(path).alerts.rules}

    assert rules["low_activity"].falls_by_ratio == 0.7
    assert rules["low_activity"].metric == "deployment_frequency_per_day"
    assert set(rules) == {
        "low_activity", "bottleneck", "quality_issue", "burnout_risk", "meeting_overload", "anomaly",
    }  # fmt: skip


def test_only_what_pages_reaches_pagerduty_and_what_is_named_its_own_routes(policy):
    alerts = load_settings(policy('[[alerts.rules]]\nname = "burnout_risk"\nroutes = ["webhook"]\n')).alerts
    routes = {rule.name: [route.name for route in alerts.routes_of(rule)] for rule in alerts.rules}

    assert routes["quality_issue"] == ["slack", "pagerduty", "webhook"]
    assert routes["bottleneck"] == ["slack", "webhook"]
    assert routes["burnout_risk"] == ["webhook"]


def test_an_unknown_channel_is_answered_with_the_nearest(policy):
    path = policy('[[alerts.routes]]\nname = "mine"\nchannel = "emial"\n')

    with pytest.raises(SettingsError, match=r"alerts\.routes\.0\.channel: no channel 'emial'; did you mean email"):
        load_settings(path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('[[alerts.rules]]\nname = "anomaly"\nscope_types = ["teams"]',
         r"alerts\.rules\.0\.scope_types: no scope type 'teams'; did you mean team\?$"),
        ('[[alerts.routes]]\nname = "mine"\nchannel = "slack"\nseverities = ["critcal"]',
         r"alerts\.routes\.0\.severities: no severity 'critcal'; did you mean critical\?$"),
    ],
)  # fmt: skip
def test_an_unknown_scope_type_or_severity_is_one_error_with_the_nearest(policy, given, told):
    with pytest.raises(SettingsError, match=told):
        load_settings(policy(f"{given}\n"))


def test_what_is_no_address_takes_no_bounces(policy):
    with pytest.raises(SettingsError, match=r"alerts\.bounces_to"):
        load_settings(policy('[alerts]\nbounces_to = "nobody"\n'))


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ('channel = "pagerduty"\nseverities = ["warning"]', "it takes no digest"),
        ('channel = "slack"', "a digest waits, and critical alerts must not"),
        ('channel = "slack"\nseverities = ["info"]\ndigest = "montly"', "routes.0.digest"),
    ],
)
def test_a_digest_is_for_what_can_wait(policy, route, told):
    digest = "" if "digest" in route else 'digest = "weekly"\n'
    path = policy(f'[[alerts.routes]]\nname = "digest"\n{digest}{route}\n')

    with pytest.raises(SettingsError, match=told):
        load_settings(path)
