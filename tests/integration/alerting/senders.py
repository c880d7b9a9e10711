"""Processes that evaluate and deliver, and that SIGKILL ends at their n-th step."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import datetime
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Warehouse

KILLED = -signal.SIGKILL
_FRESH = multiprocessing.get_context("forkserver")  # forks from a process without threads
_FRESH.set_forkserver_preload(["pytest", __name__])  # each child reads the main program anew


def start(
    what: str, url: str, given: dict[str, Any], now: datetime, certificate: Path, kill_at: int | None
) -> BaseProcess:
    """A process that evaluates or delivers at a moment, killed at its n-th step if it comes so far."""
    process = _FRESH.Process(target=_begin, args=(what, url, given, now, str(certificate), kill_at), daemon=True)
    process.start()
    return process


def ended(*processes: BaseProcess) -> list[int]:
    """How they ended: 0, or that they were killed."""
    for process in processes:
        process.join(60)
    codes = [process.exitcode for process in processes]
    assert set(codes) <= {0, KILLED}, codes
    return [code for code in codes if code is not None]


def _begin(what: str, url: str, given: dict[str, Any], now: datetime, certificate: str, kill_at: int | None) -> None:
    os.environ["SSL_CERT_FILE"] = certificate
    if kill_at:
        _die_at(kill_at)
    work(what, Warehouse(url), Settings(**given), now)


def work(what: str, warehouse: Warehouse, settings: Settings, now: datetime) -> None:
    if what == "evaluate":
        evaluate(warehouse, settings, now)
    else:
        outbox.deliver(warehouse, settings, clock=lambda: now, pause=lambda _: None)


def _die_at(number: int) -> None:
    """Steps are what others can see of us: before and after each statement, each commit, each message that is sent."""
    steps = count(1)

    def step() -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping(plain: Callable[..., Any]) -> Callable[..., Any]:
        def around(*given: Any, **named: Any) -> Any:
            step()
            found = plain(*given, **named)
            step()
            return found

        return around

    psycopg.Connection.execute = stepping(psycopg.Connection.execute)  # type: ignore[method-assign]
    psycopg.Connection.commit = stepping(psycopg.Connection.commit)  # type: ignore[method-assign]
    psycopg.Transaction.__exit__ = stepping(psycopg.Transaction.__exit__)  # type: ignore[method-assign]
    outbox.send = stepping(outbox.send)
