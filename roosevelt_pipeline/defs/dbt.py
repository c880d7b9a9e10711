"""Raw to marts and bi: every dbt model, seed and test, as Dagster sees them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliInvocation,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)
from packaging.version import Version
from psycopg import Connection

from roosevelt_pipeline.dbt_manifest import DBT_PROJECT, dbt_executable, ensure_manifest, project_digest
from roosevelt_pipeline.dbt_settled import leave_out, name_of, note_made, without
from roosevelt_pipeline.defs.gates import leave_for_later
from roosevelt_pipeline.settings import home
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

# The state of a repository, or of a week, is a partition, which no model can wait for; its sister is of the same step.
_INSTEAD_OF = {
    dg.AssetKey(["raw", "github_collections"]): dg.AssetKey(["raw", "github_repositories"]),
    dg.AssetKey(["raw", "calendar_collections"]): dg.AssetKey(["raw", "calendar_events"]),
}


class Translator(DagsterDbtTranslator):
    """dagster-dbt's own keys, ``[schema, model]``; descriptions without the SQL below them."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_asset_checks=True, enable_source_tests_as_checks=True, enable_duplicate_source_asset_keys=True
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        key = super().get_asset_key(dbt_resource_props)
        return _INSTEAD_OF.get(key, key) if dbt_resource_props["resource_type"] == "source" else key

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Without the SQL functions that a test calls: they are no assets, and Dagster looks them up among these."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        functions = {self.get_asset_key(one) for one in manifest.get("functions", {}).values()}
        deps = [dep for dep in spec.additional_deps if dep.asset_key not in functions] if spec else []
        return spec._replace(additional_deps=deps) if spec else None

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or "")

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Without the database in the table's name: the manifest was parsed for none in particular."""
        name = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return {
            **super().get_metadata(dbt_resource_props),
            "dagster/table_name": f"{dbt_resource_props['schema']}.{name}",
        }


class DbtCli(DbtCliResource):
    """dbt as a child process, without the second and third copy of it that dagster-dbt would load.

    Those ask for its version and hold an adapter for fetching metadata, which we take from
    the database ourselves: 4 of the 9 seconds of a small build.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:  # noqa: ARG002
        return None


BUILD = ["build", "--exclude-resource-type", "unit_test", "--log-level-file", "info", "--no-write-json"]


@dbt_assets(manifest=ensure_manifest(), dagster_dbt_translator=Translator(), name="dbt", pool="warehouse")
def dbt(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> Iterator[Any]:
    # A comment, because models without a description would take a docstring for theirs.
    # Builds and tests what is selected, each model's tests before what stands on it. Unit tests say nothing about
    # data and took a third of the time; SQL that was run is in the target folder, so that the log need not repeat it;
    # what dbt writes about itself for other tools is a fifth of its work.
    if missing := _never_made(context, warehouse):
        leave_for_later(context, f"models stand on {len(missing)} others that were never built, such as {missing[0]}")
        return
    project = project_digest()
    left_out = leave_out(warehouse, project) if _is_whole(context) else {}
    cli = DbtCli(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=dbt_executable())
    with _environment(warehouse.dbt_environment()):
        arguments = [*BUILD, *without(left_out)]
        invocation = cli.cli(arguments, context=context, target_path=_target(warehouse), raise_on_error=False)
    yield from _as_they_stand(context, left_out.values())
    heard = Heard()
    with warehouse.connect(Role.TRANSFORM, autocommit=True) as connection:
        for event in heard.streamed(invocation):
            yield _counted(context, connection, event) if isinstance(event, dg.Output) else event
    note_made(warehouse, project, heard.made)
    if error := invocation.get_error():
        lines = heard.failures or [f"dbt: {error}"]
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)


@dataclass
class Heard:
    """What dbt said while it ran.

    Attributes:
        made: ids of the models and seeds that were made.
        failures: a line for each node that failed; none if dbt did not come that far.
    """

    made: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def streamed(self, invocation: DbtCliInvocation) -> Iterator[Any]:
        """As ``invocation.stream()``, and hears what that does not pass on."""
        for event in invocation.stream_raw_events():
            self._hear(event.raw_event["info"]["name"], event.raw_event.get("data") or {})
            yield from event.to_default_asset_events(
                manifest=invocation.manifest,
                dagster_dbt_translator=invocation.dagster_dbt_translator,
                context=invocation.context,
                target_path=invocation.target_path,
            )

    def _hear(self, name: str, data: Mapping[str, Any]) -> None:
        node = data.get("node_info") or {}
        if name in ("LogModelResult", "LogSeedResult") and node.get("node_status") == "success":
            self.made.add(node["unique_id"])
        elif name == "RunResultError" and node:
            self.failures.append(f"{name_of(node['unique_id'])}: {' '.join(str(data['msg']).split())}")


def _is_whole(context: dg.AssetExecutionContext) -> bool:
    """Whether everything is asked for, with all of its checks. A job may have a part of it."""
    return (context.selected_asset_keys, context.selected_asset_check_keys) == (dbt.keys, dbt.check_keys)


def _as_they_stand(context: dg.AssetExecutionContext, relations: Iterable[str]) -> Iterator[dg.Output[None]]:
    """Outputs for what was left out, so that what stands on it goes on. Dagster wants them before those."""
    keys = {str(spec.metadata["dagster/table_name"]): spec.key for spec in context.assets_def.specs}
    for relation in relations:
        name = context.assets_def.get_output_name_for_asset_key(keys[relation])
        yield dg.Output(None, output_name=name, metadata={"status": "unchanged"})


def _never_made(context: dg.AssetExecutionContext, warehouse: Warehouse) -> list[str]:
    """Tables and views that what is selected reads, that are not selected themselves, and that there are not."""
    from roosevelt_pipeline.warehouse.tables import missing_relations

    specs, selected = dbt.specs_by_key, context.selected_asset_keys  # of all models, whichever a job has
    outside = {dep.asset_key for key in selected for dep in specs[key].deps} & specs.keys() - selected
    if not outside:
        return []
    names = [str(specs[key].metadata["dagster/table_name"]) for key in outside]
    with warehouse.connect(Role.TRANSFORM) as connection:
        return missing_relations(connection, sorted(names))


def _counted(context: dg.AssetExecutionContext, connection: Connection[Any], output: dg.Output) -> dg.Output:
    """Adds the row count. Views over raw are not counted: that would read everything twice."""
    from roosevelt_pipeline.warehouse.tables import count_rows

    spec = context.assets_def.specs_by_key[context.asset_key_for_output(output.output_name)]
    if spec.metadata.get("dagster_dbt/materialization_type") == "view":
        return output
    schema, table = str(spec.metadata["dagster/table_name"]).split(".")
    return output.with_metadata({**output.metadata, "dagster/row_count": count_rows(connection, schema, table)})


def _target(warehouse: Warehouse) -> Path:
    """One folder for each warehouse: runs take turns, and dbt finds what it parsed last time."""
    folder = home() / "dbt" / warehouse.dbt_environment()["ROOSEVELT_PG_DBNAME"]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _environment(extra: Mapping[str, str]) -> Iterator[None]:
    """For the moment in which dbt is started: it inherits the address, and no argument shows it."""
    before = {name: os.environ.get(name) for name in extra}
    os.environ.update(extra)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
