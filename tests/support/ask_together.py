"""Asks GitHub from a process of its own, its budget shared through a database.

``python -m tests.support.ask_together DATABASE_URL API_URL KIND THREADS TIMES``: each thread asks so many times
or until the budget is used up. Prints how many answers there were, and who was told to wait.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import BudgetError
from roosevelt_pipeline.warehouse.budgets import SharedGovernor
from roosevelt_pipeline.warehouse.connections import Warehouse


def main(database_url: str, api_url: str, kind: str, threads: str, times: str) -> None:
    with SharedGovernor(Warehouse(database_url), "a process") as governor:
        client = GitHubClient("sandbox-token", api_url, longest_wait=5, governor=governor)

        def ask(_thread: int) -> tuple[int, str]:
            for number in range(int(times)):
                try:
                    if kind == "graphql":
                        client.graphql("repository_head", {"owner": "acme", "name": "api"})
                    else:
                        client.rest("/repos/acme/api/releases")
                except BudgetError as error:
                    return number, str(error)
            return int(times), ""

        with ThreadPoolExecutor(int(threads)) as pool:
            told = list(pool.map(ask, range(int(threads))))
    answers, reasons = sum(number for number, _ in told), sorted({reason for _, reason in told if reason})
    print(json.dumps({"answers": answers, "reasons": reasons, "waited": client.costs.seconds_waited}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
