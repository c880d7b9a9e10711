"""A small company behind a real GitHub protocol, and a warehouse to read it into."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.sandbox.faults import Fault
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import RunningSandbox, create_app, serve
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.tokens import Token
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import (
    REPOSITORY_STREAMS,
    StreamOutcome,
    collect_organization,
    collect_repository,
)
from roosevelt_pipeline.sources.github.repositories import discover, list_repositories
from roosevelt_pipeline.sources.github.sweep.run import sweep_organization, sweep_repository
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.streams import STREAMS
from roosevelt_pipeline.warehouse.sweeps import SweepOutcome
from tests.integration.sandbox import handmade

TOKEN = "sandbox-token"
# What Deploy runs is a deployment, so that its earlier attempts count.
RULES = [{"sources": ["github_deployment", "workflow_run"], "workflows": ["Deploy"]}]
Outcomes = dict[tuple[str, str], StreamOutcome]


class World:
    """GitHub, a token for it, and a warehouse.

    Attributes:
        waits: seconds that the client would have slept.
        client: of the last sync.
    """

    def __init__(self, warehouse: Warehouse, store: Store, settings: Mapping[str, Any]) -> None:
        self.warehouse, self.store, self.token = warehouse, store, Token()
        self.sandbox: RunningSandbox = serve(create_app(store, tokens={TOKEN: self.token}, limits=UNLIMITED))
        self.settings = Settings(**({"github": {"organization": "acme"}, "deployments": RULES} | settings))
        self.vault = IdentityVault(b"k" * 32)
        self.prefix = ""
        self.waits: list[float] = []

    def new_client(self) -> GitHubClient:
        self.client = GitHubClient(TOKEN, self.sandbox.url + self.prefix, sleep=self.waits.append)
        return self.client

    def sync(
        self,
        streams: Sequence[str] = tuple(STREAMS),
        on_progress: Callable[[str, str, int], None] = lambda *_: None,
    ) -> Outcomes:
        """Read what is new of everything; the outcome of each stream by repository name and stream."""
        client, run_id = self.new_client(), uuid4()
        repositories = discover(client, self.settings)
        common = (client, self.warehouse, self.vault, self.settings)
        outcomes = collect_organization(*common, run_id, repositories, streams, on_progress)
        theirs = [name for name in REPOSITORY_STREAMS if name in streams]
        for repository in repositories:
            outcomes += collect_repository(*common, repository, run_id, theirs, on_progress)
        return {(one.repository.removeprefix("acme/"), one.stream): one for one in outcomes}

    def sweep(self) -> dict[tuple[str, str], SweepOutcome]:
        """Ask what is gone; the outcome of each stream by repository name and stream."""
        client, run_id = self.new_client(), uuid4()
        listed = list_repositories(client, self.settings)
        common = (client, self.warehouse, self.vault, self.settings)
        outcomes = sweep_organization(*common, run_id, listed)
        for repository in listed:
            outcomes += sweep_repository(*common, repository, run_id)
        return {(one.repository.removeprefix("acme/"), one.stream): one for one in outcomes}

    def remove(self, table: str, *ids: int) -> None:
        """Let objects be deleted on GitHub."""
        self.store.connection.executemany(f"delete from {table} where id = ?", [(one,) for one in ids])
        self.store.flush()

    def put(self, table: str, doc: Mapping[str, Any], **columns: Any) -> None:
        """Let something happen on GitHub."""
        self.store.put(table, doc, **columns)
        self.store.flush()

    def fail(self, match: str, kind: str, **script: Any) -> None:
        """Let the next matching requests meet a fault."""
        self.sandbox.state.faults.add(Fault.of({"match": match, "kind": kind} | script))

    def payloads(self, stream: str) -> dict[str, Any]:
        """What stands in raw, by natural key; without what is deleted."""
        with self.warehouse.connect(Role.TRANSFORM) as connection:
            rows = connection.execute(f"select natural_key, payload from raw.{stream} where not deleted")
            return dict(rows.fetchall())

    def rows(self, query: str) -> list[Any]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()

    def forget(self) -> None:
        """Empty what was read, where reading stopped, and who is who."""
        tables = [f"raw.{stream}{past}" for stream in STREAMS for past in ("", "_versions")]
        tables += ["raw.rejected_records", "ingest.cursors", "raw.github_accounts", "vault.identities", "vault.persons"]
        with self.warehouse.connect() as connection:
            connection.execute(f"truncate {', '.join(tables)} cascade".encode())

    def counts(self) -> dict[str, int]:
        return {stream.removeprefix("github_"): len(self.payloads(stream)) for stream in STREAMS}

    def versions(self) -> int:
        """How many versions were replaced, in all streams."""
        return sum(self.rows(f"select count(*) from raw.{stream}_versions")[0][0] for stream in STREAMS)

    def picture(self) -> str:
        """All of raw, equal for equal histories: surrogates renamed by first appearance, no bookkeeping."""
        members = "github_team_members"
        text = "\n".join(line for stream in STREAMS if stream != members for line in self._lines(stream))
        users = [str(user) for (user,) in self.rows("select user_id from raw.people")]
        appeared = sorted((user for user in users if user in text), key=text.find)
        names = {user: f"person {place}" for place, user in enumerate(appeared)}
        renamed = re.sub("|".join(names), lambda match: names[match[0]], text)
        # Keys of memberships hold a surrogate; who appears nowhere else is told apart by nothing.
        memberships = sorted(
            f"{one['team_id']} {one['role']} {names.get(one['user_id'])}" for one in self.payloads(members).values()
        )
        return "\n".join([renamed, *memberships])

    def _lines(self, stream: str) -> list[str]:
        rows = self.rows(
            f"select natural_key, payload, scope, deleted from raw.{stream} order by payload ->> 'repository_id', "
            "payload ->> 'number', payload ->> 'created_at', payload ->> 'committed_at', 1"
        )
        return [json.dumps([stream, *row], sort_keys=True) for row in rows]

    def close(self) -> None:
        self.sandbox.stop()


@pytest.fixture
def new_world(new_warehouse: Callable[[], Warehouse]) -> Iterator[Callable[..., World]]:
    """Makes worlds: a copy of the hand-made company and an empty warehouse each."""
    made: list[World] = []

    def make(store: Store | None = None, **settings: Any) -> World:
        made.append(World(new_warehouse(), store or handmade.store(), settings))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    return new_world()


@pytest.fixture(scope="module")
def same_company(new_warehouse):
    world = World(new_warehouse(), handmade.store(), {})
    yield world
    world.close()


@pytest.fixture
def unread(same_company):
    """A company that tests share, of which nothing has been read; nothing may happen in it."""
    same_company.forget()
    same_company.sandbox.state.faults.clear()
    return same_company
