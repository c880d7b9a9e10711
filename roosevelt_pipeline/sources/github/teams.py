"""Teams and who is in them: a whole snapshot each time, because membership tells no time of change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import NotFoundError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    database_id,
    inner,
    optional_inner,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.overflow import drain_one
from roosevelt_pipeline.sources.github.paging import counted, page_of
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.heads import living_keys
from roosevelt_pipeline.warehouse.landing import lock_stream
from roosevelt_pipeline.warehouse.records import Record, Reject

PAGE = 50


@dataclass
class Snapshot:
    """All teams and members at one moment.

    Attributes:
        members: their natural key holds a person's surrogate, so it is made when they land.
        unsure: ids of teams of which a member was not understood: who is missing there need not have left.
        has_unknown_teams: a team was not understood: which is missing need not be gone.
    """

    teams: list[Record] = field(default_factory=list)
    members: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unsure: set[int] = field(default_factory=set)
    has_unknown_teams: bool = False
    observed_at: datetime | None = None


def take_snapshot(client: GitHubClient, settings: Settings) -> Snapshot:
    """Ask for all teams with their direct members: one request for 50 teams of up to 100 members.

    Raises:
        GitHubError: see its subclasses; also when the organisation has no teams that the token may see.
    """
    organization, snapshot, after, seen, more = settings.github.organization, Snapshot(), None, 0, True
    subject = f"teams of {organization}"
    while more:
        answer = client.graphql("teams", {"organization": organization, "page": PAGE, "after": after}, subject=subject)
        snapshot.observed_at = snapshot.observed_at or answer.observed_at
        teams = (answer.data.get("organization") or {}).get("teams")
        if teams is None:
            raise NotFoundError(f"{subject}: not found, or the token may not see them")
        page = counted(page_of(teams, subject, after=after, seen=seen), subject)
        for node in page.rows:
            _add(snapshot, node, lambda node: drain_one(client, "team_rest", node, "members", subject, rows="edges"))
        after, seen, more = page.end, page.seen, page.more
    return snapshot


def land_teams(session: Session, snapshot: Snapshot) -> None:
    """Land the teams; those that are gone become tombstones."""
    assert snapshot.observed_at is not None
    gone = living_keys(session.connection, session.stream, session.scope) - {one.natural_key for one in snapshot.teams}
    if snapshot.has_unknown_teams:
        gone = set()
    tombstones = [Record(key, None, deleted=True) for key in sorted(gone)]
    session.land([*snapshot.teams, *tombstones], snapshot.rejects, snapshot.observed_at, lane="incremental")


def land_members(session: Session, snapshot: Snapshot) -> None:
    """Land the memberships under their pseudonymous keys; those that have ended become tombstones."""
    assert snapshot.observed_at is not None
    observed_at = snapshot.observed_at
    with session.connection.transaction():
        lock_stream(session.connection, session.stream, session.scope)
        nameless = session.vault.pseudonymise(session.connection, snapshot.members, session.settings.bots, observed_at)
        members = [
            Record(f"{payload['team_id']}:{payload['user_id']}", payload)
            for record in nameless
            if (payload := record.payload) and payload["user_id"]
        ]
        gone = living_keys(session.connection, session.stream, session.scope) - {one.natural_key for one in members}
        unsure = {str(team_id) for team_id in snapshot.unsure}
        if snapshot.has_unknown_teams:
            unsure |= {key.partition(":")[0] for key in gone}
        tombstones = [Record(key, None, deleted=True) for key in sorted(gone) if key.partition(":")[0] not in unsure]
        session.land([*members, *tombstones], [], observed_at, lane="incremental")


def read_team(node: Node) -> Record:
    """A team as it lands."""
    key = database_id(node)
    parent = optional_inner(node, "parentTeam")
    if not isinstance(inner(node, "members").get("edges"), list):
        raise UnfitError("missing: members.edges")
    return Record(str(key), {"team_id": key, "slug": text(node, "slug"), "parent_slug": optional_text(parent, "slug")})


def read_member(edge: Node, team_id: int) -> Record:
    """A membership; its key is made when the person has a surrogate."""
    somebody = person(inner(edge, "node"))
    if somebody is None:
        raise UnfitError("missing: databaseId")
    return Record(f"{team_id}:", {"team_id": team_id, "user_id": somebody, "role": text(edge, "role")})


def _add(snapshot: Snapshot, node: Node, prepare: Callable[[Node], None]) -> None:
    teams, rejects = sort_out([node], read_team, prepare)
    snapshot.teams += teams
    snapshot.rejects += rejects
    snapshot.has_unknown_teams |= bool(rejects)
    for team in teams:
        number, edges = int(team.natural_key), [edge for edge in inner(node, "members")["edges"] if edge is not None]
        members, rejects = sort_out(edges, partial(read_member, team_id=number))
        snapshot.members += members
        snapshot.rejects += rejects
        snapshot.unsure |= {number} if rejects else set()
