"""Reads one organisation once, as a process of its own that can be killed: ``victim.py DATABASE_URL API_URL``."""

import sys
from uuid import uuid4

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import collect_organization, collect_repositories
from roosevelt_pipeline.sources.github.repositories import discover
from roosevelt_pipeline.warehouse.connections import Warehouse

if __name__ == "__main__":
    warehouse, client = Warehouse(sys.argv[1]), GitHubClient("sandbox-token", sys.argv[2])
    rules = [{"sources": ["workflow_run"], "workflows": ["Deploy"]}]
    settings = Settings(github={"organization": "acme"}, deployments=rules)
    common = (client, warehouse, IdentityVault(b"k" * 32), settings)
    repositories = discover(client, settings)
    collect_organization(*common, uuid4(), repositories)
    for _ in collect_repositories(*common, repositories, uuid4()):
        pass
