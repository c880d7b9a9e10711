"""The weekly job: what becomes of repositories that leave, and which figures of groups may be shown."""

from datetime import UTC, datetime

import dagster as dg

from roosevelt_pipeline.defs.jobs import run_config
from roosevelt_pipeline.defs.published.figures import KEY, WEEKS_DECIDED
from roosevelt_pipeline.defs.schedules import publish, weekly
from roosevelt_pipeline.instance import storage_url
from roosevelt_pipeline.runs import open_instance
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.defs.conftest import SOLD, House
from tests.support.words import Unspeakable, files_of, rows_of

RELEASES = f"select count(*) from marts.fct_deployments where repository = '{SOLD}'"


def one(house: House, query: str) -> object:
    with house.warehouse.connect() as connection:
        return connection.execute(query).fetchone()[0]


def test_the_weekly_job_sweeps_reports_and_makes_space(sold, lived_in):
    from roosevelt_pipeline.definitions import defs

    assert sold == []
    job = defs().resolve_job_def("weekly")
    steps = {node.name for node in job.nodes}
    made = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert steps == {
        "raw__github_sweeps", "delivery__data_health_reports", "raw__coverage_reports", "raw__repository_lines",
        "calendars", "dbt", "dbt_2", "space_figures", "dbt_3", "analytics__metric_correlations",
        "analytics__metric_correlations_every_question_has_an_answer",
        "analytics__metric_correlations_not_everything_moves_together",
        "analytics__metric_forecast_backtests",
        "analytics__metric_forecast_backtests_intervals_hold_what_they_say",
        "analytics__team_comparison", "analytics__team_comparison_nobody_is_told_too_much",
        "delivery__executive_summaries", "delivery__executive_summaries_the_page_tells_what_the_marts_hold",
        "delivery__alert_reviews", "delivery__alert_reviews_most_alerts_are_worth_it",
    }  # fmt: skip
    assert made >= {f"bi/bi__space_{name}" for name in ("satisfaction", "performance", "activity", "collaboration",
                                                        "efficiency", "summary")}  # fmt: skip
    assert one(lived_in, "select count(*) from raw.github_sweeps where repository = 'org' and transferred = 1") == 1


def test_each_pair_of_metrics_that_was_asked_for_has_an_answer_or_a_reason(sold, lived_in):
    """Five weeks are too few for any: it is said so, and of the two sides that nobody measured as well."""
    answers = "select count(distinct (metric_a, metric_b)) from analytics.metric_correlations where is_asked"
    assert one(lived_in, f"{answers} and scope_type = 'organization' and said <> ''") == 5
    assert one(lived_in, "select count(*) from analytics.metric_correlations where is_significant") == 0
    with open_instance() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey(["analytics", "metric_correlations"]))
    assert "comparisons could be tested" in made.asset_materialization.metadata["found"].value


def test_the_last_month_has_a_page_with_its_numbers_and_three_charts(sold, lived_in):
    markdown = one(lived_in, "select markdown from delivery.executive_summaries where month_date = '2026-03-01'")
    deployments = "select count(*) from marts.fct_metric_events where is_organizations and deployment_frequency_per_day"
    held = one(lived_in, f"{deployments} and home_date between '2026-03-01' and '2026-03-31'")
    assert f"{held:,} deployments reached production" in markdown
    assert markdown.count("data:image/svg+xml;base64,") == 3


def test_a_repository_that_left_keeps_its_history_in_the_marts(built_without, lived_in):
    assert built_without.success
    assert one(lived_in, RELEASES) == built_without.had > 0
    assert one(lived_in, "select is_gone from marts.dim_repositories where repository = 'mobile-sdk'") is True
    assert one(lived_in, "select count(*) from marts.dim_repositories where is_gone") == 1


def test_its_partition_goes_and_the_others_stay(built_without, lived_in):
    with open_instance() as instance:
        names = set(instance.get_dynamic_partitions("repositories"))

    assert f"helios-labs/{SOLD}" not in names
    assert len(names) == one(lived_in, "select count(*) from raw.github_repositories where not deleted")


def test_one_repository_can_be_swept_alone(sold, lived_in):
    from roosevelt_pipeline.definitions import defs

    sweeps = dg.AssetKey(["raw", "github_sweeps"])
    job = defs().resolve_implicit_global_asset_job_def().get_subset(asset_selection={sweeps})
    config = run_config(None, ("helios-labs/search",), {node.name for node in job.nodes})
    with open_instance() as instance:
        done = job.execute_in_process(instance=instance, run_config=config)

    swept = f"select array_agg(distinct repository) from raw.github_sweeps where run_id = '{done.run_id}'"
    assert (done.success, one(lived_in, swept)) == (True, ["helios-labs/search"])


def test_the_schedule_is_monday_two_o_clock():
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 30, 2, tzinfo=UTC))

    assert (weekly.cron_schedule, weekly(context).run_key) == ("0 2 * * 1", "2026-03-30")


def published(house: House) -> object:
    return one(house, "select array_agg(f order by figure, period_start, scope) from published.space_figures as f")


def test_every_week_that_has_ended_is_decided_about_and_shows_as_a_partition(sold, lived_in):
    """The company began on Monday 2 March; in New York, Sunday 5 April has not ended."""
    with open_instance() as instance:
        weeks = instance.get_materialized_partitions(WEEKS_DECIDED)

    assert weeks >= {"2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"}
    assert "2026-03-30" not in weeks
    assert one(lived_in, "select count(*) > 0 from bi.space_activity where commits_count > 0") is True


def test_the_views_of_groups_stand_behind_the_gate(sold, lived_in):
    from roosevelt_pipeline.definitions import defs

    graph = defs().resolve_asset_graph()
    views = [dg.AssetKey(["bi", f"bi__space_{name}"]) for name in ("satisfaction", "activity", "collaboration",
                                                                   "efficiency")]  # fmt: skip
    for view in [*views, dg.AssetKey(["bi", "bi__space_summary"])]:
        assert KEY in graph.get(view).parent_keys
        assert dg.AssetKey(["marts", "space_candidates"]) not in graph.get(view).parent_keys
    with open_instance() as instance:
        (run, *_) = instance.get_runs(dg.RunsFilter(job_name="weekly", statuses=[dg.DagsterRunStatus.SUCCESS]))
        made = [
            entry.get_dagster_event().step_materialization_data.materialization.asset_key
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        ]
    assert made.index(dg.AssetKey(["marts", "space_candidates"])) < made.index(KEY)
    assert made.index(KEY) < min(made.index(view) for view in views)


def test_two_weeks_made_again_change_nothing_and_double_nothing(sold, lived_in):
    from roosevelt_pipeline.definitions import defs

    before, job = published(lived_in), defs().resolve_job_def("publish")
    with open_instance() as instance:
        for week in ("2026-03-09", "2026-03-16"):
            assert job.execute_in_process(instance=instance, partition_key=week).success

    assert published(lived_in) == before


def test_a_week_that_was_lost_comes_back_from_its_partition_as_it_was(sold, lived_in):
    """As a data engineer would who had to restore: without the week, then backfilled."""
    from roosevelt_pipeline.definitions import defs

    values = "select array_agg(value order by figure, scope) from published.space_figures where period_start = %s"
    with lived_in.warehouse.connect(Role.OWNER) as connection:
        before = connection.execute(values, ["2026-03-23"]).fetchone()
        connection.execute("delete from published.space_figures where period_start = '2026-03-23'")
        connection.execute("delete from published.space_members where period_start = '2026-03-23'")
    with open_instance() as instance:
        job = defs().resolve_job_def("publish")
        assert job.execute_in_process(instance=instance, partition_key="2026-03-23").success

    with lived_in.warehouse.connect(Role.OWNER) as connection:
        assert connection.execute(values, ["2026-03-23"]).fetchone() == before


def test_the_gate_opens_again_on_tuesday_when_the_week_has_ended_in_america():
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 31, 2, tzinfo=UTC))

    assert (publish.cron_schedule, publish(context).run_key) == ("0 2 * * 2", "2026-03-31")


def test_nobodys_name_address_title_or_answer_is_in_dagsters_memory_or_in_any_log(built_without, lived_in):
    """Of runs that failed, were killed, came to an end: events, snapshots, ticks, dbt's logs, its SQL."""
    unspeakable = Unspeakable(lived_in.github.sandbox.store)
    kept = [*rows_of(storage_url()), *files_of(lived_in.home, [lived_in.home / "hr", lived_in.home / "roosevelt.toml"])]

    assert {place: words for place, text in kept if (words := unspeakable.found_in(text))} == {}
    assert len(unspeakable.words) > 100
    said = "".join(text for _, text in kept)
    assert built_without.run_id in said
    assert "space_candidates" in said
    assert {"dbt.log", "fct_deployments.sql"} <= {place.split("/")[-1] for place, _ in kept}
