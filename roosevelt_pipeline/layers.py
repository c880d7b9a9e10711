"""THE MAP: the dataflow, in order. One word per layer, used four times.

A layer's name is its PostgreSQL schema, the first part of its asset keys, its Dagster
group and, where dbt owns the layer, its folder under ``dbt_project/``.

    sources -> raw -> staging -> intermediate -> marts (-> published) -> bi
                                                   `---> analytics -> delivery

``reference`` holds published data that ships with the code (dbt seeds); ``published`` is the
gate that figures about groups of persons pass. Schedules and sensors start runs
(``defs/schedules.py``); a layer only promises how fresh it is.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Layer:
    """A stage of the dataflow.

    Attributes:
        name: the schema, asset-key prefix, group and folder.
        owner: the database role that owns the layer's relations.
        stale_after: age at which the layer's newest data is reported as stale;
            ``None`` for data that changes with the code alone.
        holds: what a reader finds there.
    """

    name: str
    owner: str
    stale_after: timedelta | None
    holds: str


LAYERS = (
    Layer("reference", "roosevelt_transform", None, "Published data: metric catalogue, tier editions."),
    Layer("raw", "roosevelt_owner", timedelta(hours=30), "What sources said, newest version of each object."),
    Layer("staging", "roosevelt_transform", timedelta(hours=30), "Raw, renamed, cast and deduplicated."),
    Layer("intermediate", "roosevelt_transform", timedelta(hours=30), "Joins and judgements between facts."),
    Layer("marts", "roosevelt_transform", timedelta(hours=30), "Facts, dimensions and metrics, with contracts."),
    Layer("published", "roosevelt_owner", timedelta(days=8), "Figures about groups of persons that passed the gate."),
    Layer("bi", "roosevelt_transform", timedelta(hours=30), "What BI tools read: marts without persons."),
    Layer("analytics", "roosevelt_owner", timedelta(hours=30), "What is unusual about the metrics."),
    Layer("delivery", "roosevelt_owner", timedelta(hours=30), "What was told to whom."),
)

BY_NAME = {layer.name: layer for layer in LAYERS}
