"""The environment in which a profile's processes live.

The demo shares nothing with the user's organisation: no token, no database, no override.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from roosevelt_pipeline.settings import PROJECT_ROOT, SECRETS

DEMO_POLICY = PROJECT_ROOT / "roosevelt_pipeline" / "sandbox" / "demo.toml"


def without_own_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without what is about the user's organisation."""
    return {name: value for name, value in environment.items() if not _is_own(name)}


def _is_own(name: str) -> bool:
    if name.startswith("ROOSEVELT_"):
        return name not in ("ROOSEVELT_HOME", "ROOSEVELT_CONFIG")
    return name in SECRETS.values()


def is_demo_process() -> bool:
    """Whether this process was started as part of the demo, so that its environment is the demo's."""
    return Path(os.environ.get("ROOSEVELT_CONFIG", "/")).resolve() == DEMO_POLICY


@contextlib.contextmanager
def demo_environment() -> Iterator[None]:
    """This process's environment as the demo sees it, for as long as its policy is read."""
    if is_demo_process():
        yield
    else:
        with environment(without_own_settings(os.environ)):
            yield


@contextlib.contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Be in another environment inside the block. Only what differs is touched, as other threads may be reading."""
    before = dict(os.environ)
    _change(before, wanted)
    try:
        yield
    finally:
        _change(dict(os.environ), before)


def _change(current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in current.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update({name: value for name, value in wanted.items() if current.get(name) != value})
