"""A company's GitHub as a process: ``python -m benchmarks.serve STORE LATENCY DAYS`` tells its port, then serves."""

import sys
from datetime import timedelta
from pathlib import Path

import uvicorn

from benchmarks.companies import PRESENT
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.loopback import listen
from roosevelt_pipeline.sandbox.server import configuration, create_app
from roosevelt_pipeline.sandbox.store import Store

if __name__ == "__main__":
    store, latency = Store.open(Path(sys.argv[1])), float(sys.argv[2])
    app = create_app(store, latency_seconds=latency, limits=UNLIMITED, now=PRESENT + timedelta(days=int(sys.argv[3])))
    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(configuration(app)).run(sockets=[listener])
