"""A PostgreSQL proxy that kills its client at a chosen moment of the conversation.

PostgreSQL ends every answer with a ReadyForQuery message. Counting those numbers each
moment at which a client can die: before its next request reaches the server, or after
the server has carried a request out but before the client hears of it.
"""

import contextlib
import os
import signal
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Literal

READY_FOR_QUERY = b"Z"


@dataclass(frozen=True)
class Moment:
    """When to kill: around the ``number``-th answer.

    ``request lost``: the answer arrives, the next request never reaches the server.
    ``answer lost``: the server has done the work, the client never learns it.
    """

    number: int
    side: Literal["request lost", "answer lost"]


class CrashProxy:
    """Listens on loopback for one victim at a time and passes its traffic on."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.answers = 0
        self._moment: Moment | None = None
        self._victim: int | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, moment: Moment | None) -> None:
        """Start counting from zero; kill at ``moment``, or never."""
        self.answers, self._moment, self._victim = 0, moment, None

    def aim(self, pid: int) -> None:
        """Name the process to kill; it leads a process group of its own."""
        self._victim = pid

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for pump in (self._forward_requests, self._forward_answers):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _forward_requests(self, client: socket.socket, server: socket.socket) -> None:
        with _both_closed(client, server), contextlib.suppress(OSError):
            while data := client.recv(65_536):
                moment = self._moment
                if moment and moment.side == "request lost" and self.answers >= moment.number:
                    return self._kill()
                server.sendall(data)

    def _forward_answers(self, client: socket.socket, server: socket.socket) -> None:
        pending = b""
        with _both_closed(client, server), contextlib.suppress(OSError):
            while data := server.recv(65_536):
                pending += data
                whole, pending, killed = self._whole_messages(pending)
                if killed:
                    return
                client.sendall(whole)

    def _whole_messages(self, buffer: bytes) -> tuple[bytes, bytes, bool]:
        """Split off the complete messages; stop short at the answer that must be lost."""
        end = 0
        while len(buffer) - end >= 5:
            size = struct.unpack_from("!I", buffer, end + 1)[0] + 1
            if len(buffer) - end < size:
                break
            if buffer[end : end + 1] == READY_FOR_QUERY:
                self.answers += 1
                moment = self._moment
                if moment and moment.side == "answer lost" and self.answers > moment.number:
                    self._kill()
                    return b"", b"", True
            end += size
        return buffer[:end], buffer[end:], False

    def _kill(self) -> None:
        if self._victim is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._victim, signal.SIGKILL)


@contextlib.contextmanager
def _both_closed(*sockets: socket.socket):
    try:
        yield
    finally:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
