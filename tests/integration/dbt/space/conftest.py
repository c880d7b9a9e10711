"""One warehouse with two small teams, built once for the tests of this folder: SPACE alone, and what it stands on."""

from typing import TYPE_CHECKING

import pytest

from roosevelt_pipeline.people import forget_outlived
from roosevelt_pipeline.publishing import publish
from roosevelt_pipeline.settings import PrivacySettings, Settings
from tests.integration.dbt.space.acme import MONDAY, RUN, fill
from tests.support.pipeline import MODELS_ONLY, dbt_build

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

SPACE = ("--select", "+marts.space", "+get_space_scores", "bi.bi__space_*", "bi.bi__parameters")


@pytest.fixture(scope="package")
def acme(new_warehouse, tmp_path_factory) -> "Warehouse":
    warehouse = new_warehouse()
    fill(warehouse)
    forget_outlived(Settings(), warehouse, MONDAY)
    dbt_build(warehouse, tmp_path_factory.mktemp("target"), *MODELS_ONLY, *SPACE)
    list(publish(warehouse, PrivacySettings(), RUN))
    return warehouse
