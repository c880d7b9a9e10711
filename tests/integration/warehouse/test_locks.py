"""One writer at a time, and a lock that dies with its holder."""

import os
import signal
import subprocess
import sys
from threading import Event, Thread

import pytest

from roosevelt_pipeline.warehouse.connections import DatabaseError
from roosevelt_pipeline.warehouse.locks import who_writes, writer_lock

HOLD = """
import sys, time
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.locks import writer_lock
with writer_lock(Warehouse(sys.argv[1]), "of a process", patience_seconds=0, on_wait=print):
    print("held", flush=True)
    time.sleep(600)
"""


def unasked(_text: str) -> None:
    raise AssertionError("there was nothing to wait for")


def test_the_second_writer_is_told_of_the_first_and_waits_for_its_end(fresh_warehouse):
    waiting, written, heard = Event(), Event(), []

    def on_wait(text: str) -> None:
        heard.append(text)
        waiting.set()

    def second() -> None:
        with writer_lock(fresh_warehouse, "b", patience_seconds=60, on_wait=on_wait):
            written.set()

    with writer_lock(fresh_warehouse, "a", patience_seconds=0, on_wait=unasked):
        thread = Thread(target=second)
        thread.start()
        assert waiting.wait(30)
        assert not written.is_set()
    thread.join(30)

    assert written.is_set()
    assert heard == ["run a is writing; waiting for it to end"]


def test_a_writer_without_patience_is_told_whom_to_stop(fresh_warehouse):
    with writer_lock(fresh_warehouse, "a", patience_seconds=0, on_wait=unasked):
        assert who_writes(fresh_warehouse) == "run a"
        with (
            pytest.raises(DatabaseError, match="run a has been writing"),
            writer_lock(fresh_warehouse, "b", patience_seconds=0, on_wait=lambda _text: None),
        ):
            pass


def test_a_killed_writer_leaves_no_lock(fresh_warehouse):
    command = [sys.executable, "-c", HOLD, fresh_warehouse.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert who_writes(fresh_warehouse) == "run of a process"
        os.kill(process.pid, signal.SIGKILL)

    with writer_lock(fresh_warehouse, "next", patience_seconds=30, on_wait=lambda _text: None):
        assert who_writes(fresh_warehouse) == "run next"
    assert who_writes(fresh_warehouse) is None


def test_writers_of_two_warehouses_do_not_wait_for_each_other(new_warehouse):
    with (
        writer_lock(new_warehouse(), "a", patience_seconds=0, on_wait=unasked),
        writer_lock(new_warehouse(), "b", patience_seconds=0, on_wait=unasked),
    ):
        pass
