"""A run whose process was killed: it must not look busy for ever, and the next one goes on from there."""

import dagster as dg
import pytest

from roosevelt_pipeline.runs import open_instance
from tests.support.pipeline import MODELS_ONLY, dbt_build, digests


def test_it_is_closed_as_failed_and_the_next_run_succeeds(killed, mended):
    assert mended.outcome.success
    with open_instance() as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states[mended.outcome.run_id] is dg.DagsterRunStatus.SUCCESS
    assert states[killed] is dg.DagsterRunStatus.FAILURE


@pytest.mark.soak
def test_building_all_anew_after_it_would_change_no_number(killed, mended, lived_in, tmp_path):
    before = digests(lived_in.warehouse)
    dbt_build(lived_in.warehouse, tmp_path, *MODELS_ONLY, "--full-refresh")
    assert digests(lived_in.warehouse) == before


@pytest.mark.soak
def test_another_run_of_the_day_changes_no_number_of_any_layer(repeated):
    before, after = repeated
    assert len(before) > 60
    assert after == before
