"""One warehouse, filled by hand and built once, that the tests of this folder read."""

from typing import TYPE_CHECKING

import pytest

from tests.integration.dbt.tiny import fill_raw
from tests.support.pipeline import dbt_build

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse


@pytest.fixture(scope="package")
def built(new_warehouse, tmp_path_factory) -> "Warehouse":
    warehouse = new_warehouse()
    fill_raw(warehouse)
    dbt_build(warehouse, tmp_path_factory.mktemp("target"))
    return warehouse
