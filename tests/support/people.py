"""A warehouse without anybody in it, in a tenth of the time that a new one takes."""

from roosevelt_pipeline.warehouse.connections import Warehouse

TABLES = (
    "raw.participants", "raw.people_settings", "raw.survey_answers", "raw.survey_answers_versions",
    "raw.rejected_records", "survey.invitations", "survey.submissions", "survey.feedback", "vault.identities",
    "vault.persons", "vault.tombstones", "vault.key_checks", "ingest.cursors",
)  # fmt: skip


def emptied(warehouse: Warehouse) -> Warehouse:
    """The warehouse, after everything about people has been taken out of it."""
    with warehouse.connect() as connection:
        filled = [table for table in TABLES if connection.execute(f"select 1 from {table} limit 1".encode()).fetchone()]
        if filled:
            connection.execute(f"truncate {', '.join(filled)} cascade".encode())
    return warehouse
