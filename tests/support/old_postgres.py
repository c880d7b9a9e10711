"""A server that says it is an older PostgreSQL, at the level of the wire protocol."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

_SSL_REQUESTS = (80877103, 80877104)
_READY = b"Z" + struct.pack("!I", 5) + b"I"


@contextlib.contextmanager
def old_postgres(version: str) -> Iterator[str]:
    """Yields its address. It lets everybody in and carries nothing out."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, version), daemon=True).start()
    try:
        yield f"postgresql://somebody@127.0.0.1:{listener.getsockname()[1]}/metrics"
    finally:
        listener.close()


def _accept(listener: socket.socket, version: str) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, version), daemon=True).start()


def _serve(client: socket.socket, version: str) -> None:
    with client, contextlib.suppress(OSError, struct.error):
        while struct.unpack("!II", client.recv(8))[1] in _SSL_REQUESTS:
            client.sendall(b"N")
        client.recv(4096)  # who connects, and to what
        client.sendall(_message(b"R", struct.pack("!I", 0)))
        for name, value in (("server_version", version), ("client_encoding", "UTF8"), ("TimeZone", "UTC")):
            client.sendall(_message(b"S", f"{name}\0{value}\0".encode()))
        client.sendall(_READY)
        while kind := client.recv(1):
            (size,) = struct.unpack("!I", client.recv(4))
            client.recv(size - 4)
            answers = {b"Q": _message(b"C", b"SET\0") + _READY, b"P": _message(b"1"), b"B": _message(b"2"),
                       b"D": _message(b"n"), b"E": _message(b"C", b"SET\0"), b"S": _READY}  # fmt: skip
            client.sendall(answers.get(kind, b""))


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
