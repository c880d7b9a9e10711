"""What every asset owes the layer it lives in."""

from pathlib import Path

import dagster as dg
import pytest

from roosevelt_pipeline.definitions import defs
from roosevelt_pipeline.layers import BY_NAME

PACKAGE = Path(__file__).parents[2] / "roosevelt_pipeline"
ORDER = list(BY_NAME)
KNOWS_DAGSTER = ("definitions.py", "instance.py", "runs.py", "job_runs.py")


@pytest.fixture(scope="module")
def definitions():
    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_every_asset_lives_in_a_layer_and_its_group_says_which(graph):
    stray = [key for key in graph.get_all_asset_keys() if graph.get(key).group_name != key.path[0]]
    assert stray == []
    assert {key.path[0] for key in graph.get_all_asset_keys()} <= set(ORDER)


def test_data_only_flows_downstream(graph):
    for key in graph.get_all_asset_keys():
        for parent in graph.get(key).parent_keys:
            assert ORDER.index(parent.path[0]) <= ORDER.index(key.path[0]), (parent, key)


def test_bi_and_marts_owe_nothing_to_what_is_judged_from_them(graph):
    for key in graph.get_all_asset_keys():
        if key.path[0] in ("marts", "bi"):
            assert not [p for p in graph.get(key).parent_keys if p.path[0] in ("analytics", "delivery")], key


def test_every_parent_is_made_here(graph):
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).is_materializable] == []


def test_every_description_says_what_a_row_is(graph):
    described = {key.to_user_string(): (graph.get(key).description or "").lower() for key in graph.get_all_asset_keys()}
    assert [key for key, text in described.items() if not ("one row per" in text or "one row:" in text)] == []


def test_everything_has_an_owner_and_a_kind(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert [owner for owner in node.owners if owner.startswith("team:")], key
        assert node.kinds, key


def test_whatever_can_become_stale_says_when(graph):
    for key in graph.get_all_asset_keys():
        promise = graph.get(key).freshness_policy
        assert (promise is None) == (BY_NAME[key.path[0]].stale_after is None), key


def test_every_python_asset_says_which_version_of_its_code_made_it(graph):
    for key in graph.get_all_asset_keys():
        if key.path[0] in ("analytics", "delivery"):
            assert graph.get(key).code_version, key


def test_whatever_writes_the_warehouse_waits_for_its_pool(definitions):
    for assets in definitions.resolve_asset_graph().assets_defs:
        if assets.is_executable and assets.keys:
            assert assets.op.pool == "warehouse", assets.keys


@pytest.mark.parametrize(
    "module",
    [
        path
        for path in PACKAGE.rglob("*.py")
        if "defs" not in path.relative_to(PACKAGE).parts and path.name not in KNOWS_DAGSTER
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_defs_and_what_opens_its_door_know_dagster(module):
    lines = module.read_text(encoding="utf-8").splitlines()
    imports = [line.split() for line in lines if line.split()[:1] in (["import"], ["from"])]
    assert [words for words in imports if words[1].startswith("dagster")] == []


@pytest.mark.parametrize("module", list((PACKAGE / "sources").rglob("*.py")), ids=lambda path: path.name)
def test_sources_speak_no_sql(module):
    text = module.read_text(encoding="utf-8").lower()
    assert not any(
        word in text for word in ("insert into", "update raw.", "delete from", "select * from", " on conflict ")
    )


@pytest.mark.parametrize("module", list((PACKAGE / "stats").rglob("*.py")), ids=lambda path: path.name)
def test_statistics_neither_read_nor_write_nor_ask_the_clock(module):
    text = module.read_text(encoding="utf-8")
    assert not any(
        word in text for word in ("psycopg", "import requests", "urllib", "open(", "datetime.now", "time.time")
    )


def test_the_jobs_and_what_starts_them_are_there(definitions):
    assert {job.name for job in definitions.jobs or ()} == {
        "alerts", "daily", "fast_lane", "publish", "survey_answers", "surveys", "weekly",
    }  # fmt: skip
    assert {one.name: one.default_status.value for one in definitions.schedules or ()} == {
        "alerts": "RUNNING", "daily": "RUNNING", "publish": "RUNNING", "surveys_open": "RUNNING", "weekly": "RUNNING",
    }  # fmt: skip
    assert {one.name for one in definitions.sensors or ()} == {
        "alert_outbox", "github_activity", "requested_daily", "requested_weekly", "run_failures", "survey_files",
        "webhook_inbox",
    }  # fmt: skip


def test_no_resource_holds_a_secret_or_an_address(definitions):
    for name, resource in (definitions.resources or {}).items():
        assert isinstance(resource, dg.ConfigurableResource), name
        assert not {"password", "token", "url"} & set(type(resource).model_fields), name
