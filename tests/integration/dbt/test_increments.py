"""What one more week costs little, and leaves what building everything anew would leave."""

from datetime import date

import pytest

from roosevelt_pipeline.sandbox.company import Company
from tests.support.pipeline import MODELS_ONLY, collect_everything, dbt_build, digests, rows, running_company


@pytest.mark.soak
def test_a_week_more_equals_building_everything_anew(new_warehouse, tmp_path):
    warehouse = new_warehouse()
    with running_company(Company.of_days(7, date(2026, 3, 2), 45)) as company:
        assert collect_everything(company, warehouse) == []
        dbt_build(warehouse, tmp_path, *MODELS_ONLY)
        later = company.days_later(7)
        assert collect_everything(later, warehouse) == []
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    grown, measured_at = digests(warehouse), measured(warehouse)
    dbt_build(warehouse, tmp_path, *MODELS_ONLY)
    assert digests(warehouse) == grown
    assert measured(warehouse) == measured_at, "nothing had changed, and yet days or windows were measured again"

    dbt_build(warehouse, tmp_path, *MODELS_ONLY, "--full-refresh")

    assert digests(warehouse) == grown


def measured(warehouse) -> list[dict[str, object]]:
    """When PostgreSQL wrote each row of days and windows."""
    return rows(
        warehouse,
        """
        select xmin::text as written, count(*) as n from marts.fct_metric_days group by 1
        union all
        select xmin::text, count(*) from marts.fct_metric_windows group by 1
        order by 1, 2
        """,
    )
