"""Entry point of the code location: load ``defs/``, apply the map."""

import warnings
from pathlib import Path

import dagster as dg

from roosevelt_pipeline.layers import BY_NAME

OWNERS = {
    "raw": "team:data-platform",
    "staging": "team:data-platform",
    "intermediate": "team:data-platform",
    "reference": "team:engineering-metrics",
    "marts": "team:engineering-metrics",
    "published": "team:engineering-metrics",
    "bi": "team:engineering-metrics",
    "analytics": "team:engineering-metrics",
    "delivery": "team:engineering-metrics",
}


@dg.definitions
def defs() -> dg.Definitions:
    loaded = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # pinned below the next minor version
        return loaded.map_asset_specs(func=with_layer_policy)


def with_layer_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Give an asset the group, owner and promise of freshness of the layer it lives in.

    An asset that states its own owners or freshness keeps them.

    Raises:
        KeyError: the asset's key starts with a word that is no layer.
    """
    layer = BY_NAME[spec.key.path[0]]
    promise = dg.FreshnessPolicy.time_window(fail_window=layer.stale_after) if layer.stale_after else None
    return spec.replace_attributes(
        group_name=layer.name,
        owners=spec.owners or [OWNERS[layer.name]],
        freshness_policy=spec.freshness_policy or promise,
    )
