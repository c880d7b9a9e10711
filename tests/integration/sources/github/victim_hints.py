"""Follows what is in the inbox once, as a process that can be killed: ``victim_hints.py DATABASE_URL API_URL``."""

import sys
from uuid import uuid4

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.hints import follow_hints
from roosevelt_pipeline.warehouse.connections import Warehouse

if __name__ == "__main__":
    warehouse, client = Warehouse(sys.argv[1]), GitHubClient("sandbox-token", sys.argv[2])
    settings = Settings(github={"organization": "acme"})
    follow_hints(client, warehouse, IdentityVault(b"k" * 32), settings, uuid4())
