"""Changes of the company that come from outside its simulation: by a fault on demand, or through a door."""

from collections.abc import Mapping
from typing import Any

from roosevelt_pipeline.sandbox.store import TABLES, Store


def happen(store: Store, change: Mapping[str, Any]) -> None:
    """Let something happen to one object of the store.

    ``{"table": t, "id": 5, "set": {...}}`` changes fields of an object, ``{"table": t, "id": 5,
    "delete": true}`` deletes it, ``{"table": t, "doc": {...}, "columns": {...}}`` writes it whole.

    Raises:
        ValueError: it is none of the three, or there is no such table or object.
    """
    table = change.get("table")
    if table not in TABLES:
        raise ValueError(f"there is no table {table!r}; there are {', '.join(TABLES)}")
    if isinstance(change.get("doc"), dict):
        store.put(table, change["doc"], **change.get("columns", {}))
        store.flush()
        return
    if "id" not in change or not TABLES[table].startswith("id "):
        raise ValueError(f"a change of {table} holds a whole doc, or an id with set or delete")
    if change.get("delete"):
        store.remove(table, change["id"])
        return
    doc = store.doc(table, change["id"])
    if doc is None or not isinstance(change.get("set"), dict):
        raise ValueError(f"there is no {change['id']} in {table}, or nothing to set")
    store.put(table, doc | change["set"])
    store.flush()
