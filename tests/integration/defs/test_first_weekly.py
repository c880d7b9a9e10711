"""The weekly job where no daily run has built anything yet: somebody set Roosevelt up on a Monday, before dawn."""

import dagster as dg

from roosevelt_pipeline.runs import open_instance, run_job

CATALOG = dg.AssetKey(["marts", "space_candidates"])


def test_a_weekly_run_before_any_daily_one_reads_what_it_can_and_leaves_the_rest(house):
    heard = []
    outcome = run_job("weekly", on_event=heard.append)

    assert (outcome.success, outcome.failures) == (True, [])
    made = {one.name for one in heard if one.kind == "asset"}
    assert "raw/repository_lines" in made
    # Besides what is read, the week's alerts are looked back at: there have been none.
    assert {name for name in made if not name.startswith("raw/")} == {"delivery/alert_reviews"}


def test_who_chooses_models_by_hand_is_told_what_to_run_first(house):
    from roosevelt_pipeline.definitions import defs

    job = defs().resolve_implicit_global_asset_job_def().get_subset(asset_selection={CATALOG})
    with open_instance() as instance:
        done = job.execute_in_process(instance=instance, raise_on_error=False)

    (failed,) = [one for one in done.all_events if one.is_step_failure]
    assert "run the daily job first" in failed.event_specific_data.error_display_string
