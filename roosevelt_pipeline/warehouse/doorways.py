"""The receiver's side of the database: one connection with next to no rights, opened again when it is lost."""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse, first_line

Connection = psycopg.Connection[Any]


class Doorway:
    """A connection for many threads.

    Attributes:
        purpose: what to say when the database refuses something.
    """

    PATIENCE_SECONDS = 3.0  # GitHub takes what is not answered within ten for failed
    PAUSE_SECONDS = 1.0  # after a failed connection, in which others are refused at once
    purpose = "the database refused a request"

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._refuse_until = 0.0

    def check(self) -> None:
        """Ask whether it could be used.

        Raises:
            DatabaseError: it could not.
        """
        self.use(lambda connection: connection.execute("select 1"))

    def close(self) -> None:
        with self._lock:
            self._drop()

    def use(self, act: Callable[[Connection], Any]) -> Any:
        """Do something that may be done twice: a lost connection does not tell whether it was.

        Raises:
            DatabaseError: the database cannot be used now, or refused it.
        """
        if not self._lock.acquire(timeout=self.PATIENCE_SECONDS):
            raise DatabaseError("the database does not keep up")
        try:
            was_open = self._connection is not None
            try:
                return act(self._open())
            except psycopg.Error as error:
                broken = self._connection is None or self._connection.broken or self._connection.closed
                self._drop()
                if not (was_open and broken):
                    raise DatabaseError(f"{self.purpose}: {first_line(error)}") from None
            try:
                return act(self._open())  # what was lost may have been done; doing it twice changes nothing
            except psycopg.Error as error:
                self._drop()
                raise DatabaseError(f"{self.purpose}: {first_line(error)}") from None
        finally:
            self._lock.release()

    def _open(self) -> Connection:
        if self._connection is None:
            if time.monotonic() < self._refuse_until:
                raise DatabaseError("the database did not answer a moment ago")
            try:
                self._connection = self._warehouse.connect(
                    Role.RECEIVER, autocommit=True, application_name="roosevelt receiver", connect_timeout=2,
                    tcp_user_timeout=3_000,
                )  # fmt: skip
                self._connection.execute("set statement_timeout = '3s'")
            except DatabaseError:
                self._refuse_until = time.monotonic() + self.PAUSE_SECONDS
                raise
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
