"""The assets and the sensor, on marts filled by hand."""

import dagster as dg
import pytest

from roosevelt_pipeline.defs.delivery.alerts import (
    alert_outbox,
    alerts,
    no_message_was_given_up,
    scopes_of_rules_exist,
)
from roosevelt_pipeline.defs.delivery.reviews import alert_reviews, most_alerts_are_worth_it
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting.conftest import LAST, SECRET
from tests.integration.alerting.receivers import receiver


@pytest.fixture
def made(marts, settings):
    """A run of everything about alerts, long after the newest day, and what it told of each asset."""
    marts.failures(LAST, 12)
    with receiver() as there:
        resources = {"settings": settings(slack_webhook=f"{there.url}/{SECRET}"), "warehouse": marts.warehouse}
        done = dg.materialize(
            [alerts, no_message_was_given_up, scopes_of_rules_exist, alert_reviews, most_alerts_are_worth_it],
            resources=resources,
            instance=dg.DagsterInstance.ephemeral(),
        )
        skipped = alert_outbox(settings=resources["settings"], warehouse_unlocked=marts.warehouse)
        yield marts, done, skipped, there


def test_a_run_evaluates_reviews_and_sends_nothing_before_alerts_are_turned_on(made):
    marts, done, skipped, there = made

    assert done.success
    assert all(check.passed for check in done.get_asset_check_evaluations())
    told = done.asset_materializations_for_node("delivery__alerts")[0].metadata
    assert told["is_dry_run"].value is True
    assert "data_stopped" in told["told"].value
    assert there.bodies == []
    assert skipped.skip_message == "nothing is due"
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        assert connection.execute("select rule from delivery.alerts").fetchall() == [("data_stopped",)]
        assert connection.execute("select count(*) from delivery.alert_reviews").fetchone() == (1,)
