"""Small helpers for tests that play companies."""

import hashlib
from datetime import date
from pathlib import Path

import roosevelt_pipeline.sandbox
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import TABLES, Store

DEMO_POLICY = Path(roosevelt_pipeline.sandbox.__file__).parent / "demo.toml"
START = date(2026, 5, 8)


def played(seed: int, days: int, scale: float = 1.0, start: date = START) -> Store:
    store = Store.open()
    play(Company.of_days(seed, start, days, scale), store)
    return store


def digest(store: Store) -> str:
    """One text for everything that a store holds."""
    whole = hashlib.sha256()
    for table in TABLES:
        for row in sorted(tuple(row) for row in store.rows(f"select * from {table}")):
            whole.update(repr(row).encode())
    return whole.hexdigest()
