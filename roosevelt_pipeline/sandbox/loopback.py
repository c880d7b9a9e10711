"""Serving on this machine: a socket that listens, and small applications behind one, from a thread."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM and a closed terminal leave the block as an exit does, so that what it holds is tidied up.

    uvicorn ends its serving by itself and then raises the signal again, which would end the process on the spot.
    """

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def served_routes(routes: Sequence[BaseRoute], name: str) -> Iterator[str]:
    """Serve routes for the block, from a thread of that name; their address. They give the Date header themselves."""
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[*routes])
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", date_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=name, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
