"""Collects the demo's company into one database, as a process that can be killed.

``python -m tests.support.collect_once DATABASE_URL``; the rest is in the environment.
"""

import sys
from uuid import uuid4

from roosevelt_pipeline.collection import collect
from roosevelt_pipeline.services import DEMO_POLICY
from roosevelt_pipeline.settings import load_settings
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.streams import STREAMS


def main(url: str) -> int:
    settings, warehouse = load_settings(DEMO_POLICY), Warehouse(url)
    reports = collect(settings, warehouse, uuid4(), streams=list(STREAMS), announce=lambda _names: None)
    failures = [failure for report in reports for failure in report.failures]
    sys.stderr.write("\n".join(failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
