"""A company on disk: played once, kept, and played again when it no longer is the same."""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import Store


def company_store(company: Company, path: Path) -> Store:
    """Open the company's history, playing it first if the file does not hold it.

    The file appears whole or not at all: one that was cut off is never read, and a reader
    of the old one keeps it until it opens the new.
    """
    note = path.with_suffix(".json")
    wanted = _fingerprint(company)
    if not (path.exists() and note.exists() and note.read_text() == wanted):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        store = Store.open(fresh)
        play(company, store)
        store.close()
        note.unlink(missing_ok=True)
        fresh.replace(path)
        note.write_text(wanted)
    return Store.open(path)


def _fingerprint(company: Company) -> str:
    """What the history depends on: who, when, how much, and the simulator's code."""
    code = hashlib.sha256()
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        code.update(module.read_bytes())
    return json.dumps({**asdict(company), "code": code.hexdigest()}, default=str, sort_keys=True)
