"""What a rule of alerts can be about, on the tables that dbt builds."""

from datetime import date

import pytest

from roosevelt_pipeline.alert_settings import AlertRule, measures
from roosevelt_pipeline.alerting.observations import Observations
from roosevelt_pipeline.alerting.readings import Marts
from roosevelt_pipeline.settings import GitHubSettings, Settings


@pytest.mark.parametrize("metric", [name for name, law in measures().items() if law != "figure"])
def test_every_metric_of_the_catalogue_is_seen_on_each_day(built, metric):
    settings = Settings(github=GitHubSettings(organization="acme"))
    rule = AlertRule(name="watched", metric=metric, above=1, scope_types=("organization",), says="Look.")

    with built.connect() as connection:
        seen = list(Observations(Marts(connection), settings, date(2026, 1, 25), date(2026, 1, 31)).of(rule))

    assert sorted(one.day.day for one in seen) == [25, 26, 27, 28, 29, 30, 31]
