"""Which views and seeds can only change with the project."""

from roosevelt_pipeline.dbt_settled import lasting, without


def node(materialized, *upper):
    return {"schema": "s", "alias": "t", "config": {"materialized": materialized}, "depends_on": {"nodes": list(upper)}}


NODES = {
    "seed.r.list": {"schema": "s", "alias": "list", "config": {"materialized": "seed"}, "depends_on": {"macros": []}},
    "model.r.on_raw": node("view", "source.r.raw.things"),
    "model.r.on_both": node("view", "model.r.on_raw", "seed.r.list"),
    "model.r.table": node("table", "model.r.on_raw"),
    "model.r.keyed": node("incremental", "model.r.on_raw"),
    "model.r.on_table": node("view", "model.r.table"),
    "model.r.on_keyed": node("view", "model.r.keyed"),
    "model.r.far_on_table": node("view", "model.r.on_raw", "model.r.on_table"),
    "test.r.unique": node("test", "model.r.on_raw"),
}


def test_seeds_and_views_upon_raw_last_and_what_reads_a_models_table_goes_with_it():
    found = lasting(dict(reversed(NODES.items())))

    assert set(found) == {"seed.r.list", "model.r.on_raw", "model.r.on_both"}
    assert list(found)[-1] == "model.r.on_both", "what is read comes first"
    assert found["model.r.on_both"].upper == {"seed.r.list", "model.r.on_raw"}


def test_what_is_left_out_is_named_to_dbt_and_its_tests_are_kept():
    words = without(["seed.r.list", "model.r.on_raw"])

    assert words == ["--exclude", "list on_raw", "--indirect-selection", "empty"]
    assert without([]) == []
