"""What Dagster is told of a table that has just been written."""

from typing import Any

import dagster as dg

from roosevelt_pipeline.warehouse.connections import Role, Warehouse


def table_metadata(warehouse: Warehouse, role: Role, schema: str, table: str) -> dict[str, Any]:
    """Row count, columns with their types and comments, and the table's name, from the database itself."""
    from roosevelt_pipeline.warehouse.tables import columns_of, count_rows

    with warehouse.connect(role) as connection:
        columns = [dg.TableColumn(c.name, c.type, c.description) for c in columns_of(connection, schema, table)]
        rows = count_rows(connection, schema, table)
    return {
        "dagster/row_count": rows,
        "dagster/table_name": f"{schema}.{table}",
        "dagster/column_schema": dg.TableSchema(columns),
    }
