"""The directory of people to surrogates, and who of them takes part in SPACE. Names stay at the boundary."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from roosevelt_pipeline.privacy.identities import IdentityVault, known, normalised
from roosevelt_pipeline.privacy.identities import Person as Named
from roosevelt_pipeline.privacy.keys import identity_key
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.sources.people.accounts import account_of, organization_members, with_accounts
from roosevelt_pipeline.sources.people.directory import Directory, directory_path, read_directory
from roosevelt_pipeline.sources.people.members import Member
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.participants import Changes, Wish, follow_directory, opt_in, opt_out
from roosevelt_pipeline.warehouse.people_settings import Days
from roosevelt_pipeline.warehouse.retention import remove_outlived

if TYPE_CHECKING:
    import psycopg

    from roosevelt_pipeline.sources.github.client import GitHubClient


class UnknownPersonError(RuntimeError):
    """Nobody is known under what was given. The message says what can be given, and does not repeat it."""


@dataclass(frozen=True)
class Listed:
    """A member with the surrogate of the account, or of the first address. For use inside one process."""

    user_id: UUID
    member: Member


@dataclass
class PeopleReport:
    """How a reading of the directory went.

    Attributes:
        listed: people who could be read; those of the organisation where there is no directory.
        faults: a message for each row that could not.
        skipped: why nothing was read, where nothing is to be read.
    """

    listed: int = 0
    changes: Changes = field(default_factory=Changes)
    faults: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    skipped: str | None = None


def follow_people(settings: Settings, warehouse: Warehouse) -> PeopleReport:
    """Read the directory; tie accounts and addresses together, begin and end participation, keep settings.

    Raises:
        DirectoryError: the directory cannot be read at all. Nothing is changed.
        GitHubError: logins must be looked up and cannot be.
    """
    if directory_path(settings) is None:
        return PeopleReport(
            skipped="people.directory is not set: who takes part is known from `roosevelt people` alone"
        )
    directory = read_people(settings, warehouse)
    with warehouse.connect(Role.INGEST) as connection, connection.transaction():
        listed, changes = apply_directory(settings, connection, directory)
    return PeopleReport(len(listed), changes, directory.faults, directory.ignored)


def forget_outlived(settings: Settings, warehouse: Warehouse, now: datetime | None = None) -> dict[str, int]:
    """Delete what is about participants and is older than ``privacy.keep_days``.

    Args:
        now: the present; the clock's unless given.

    Returns:
        number of rows that were deleted, by table.
    """
    with warehouse.connect(Role.INGEST) as connection, connection.transaction():
        return remove_outlived(connection, now or datetime.now(UTC), settings.privacy.keep_days)


def apply_directory(
    settings: Settings, connection: "psycopg.Connection[Any]", directory: Directory
) -> tuple[list[Listed], Changes]:
    """Follow a directory that was read, in the caller's transaction. Gives its members, each under a surrogate."""
    listed = under_surrogates(settings, connection, directory.members)
    vault, wishes = open_vault(settings, connection), [_wish(one) for one in listed]
    changes = follow_directory(
        connection, wishes, datetime.now(UTC), settings.people.text_version,
        _respondents(vault, connection, wishes).__getitem__, is_complete=not directory.faults,
        usual=usual_days(settings),
    )  # fmt: skip
    return listed, changes


def read_people(settings: Settings, warehouse: Warehouse) -> Directory:
    """The directory, with the number of each account: GitHub is asked for those that it gives by login alone.

    Who has a login that nobody has is left out, with a message among the faults.

    Raises:
        DirectoryError, GitHubError: see `follow_people`.
    """
    directory, path = read_directory(settings), directory_path(settings)

    def fault(member: Member, reason: str) -> None:
        directory.faults.append(f"{path.name if path else ''}:{member.line}: {reason}")

    if any(one.github is not None and one.github_id is None for one in directory.members):
        with _client(settings, warehouse) as client:
            directory.members = with_accounts(directory.members, client, settings.github.organization, fault)
    return directory


def under_surrogates(
    settings: Settings, connection: "psycopg.Connection[Any]", members: Sequence[Member]
) -> list[Listed]:
    """Each member under a surrogate, with all accounts and addresses tied together, in the caller's transaction.

    Who was erased is left out.
    """
    surrogates = open_vault(settings, connection).settle(connection, [member.identities() for member in members])
    return [Listed(user_id, member) for user_id, member in zip(surrogates, members, strict=True) if user_id]


def change_participation(
    settings: Settings, warehouse: Warehouse, who: str, *, takes_part: bool, links_survey: bool = False
) -> str:
    """Let one person opt in or out.

    Args:
        who: GitHub login or number, or an e-mail address.

    Returns:
        what was done, in words that name nobody.

    Raises:
        UnknownPersonError: nobody is known by that.
        GitHubError: a login must be looked up and cannot be.
    """
    identity = identity_of(settings, warehouse, who)
    now = datetime.now(UTC)
    with warehouse.connect(Role.INGEST) as connection, connection.transaction():
        vault = open_vault(settings, connection)
        user_id = vault.find(connection, [identity]).get(identity)
        if user_id is None and (identity[0] != "github" or not takes_part):
            raise UnknownPersonError("nobody is known under this; give a GitHub login, its number or a known address")
        user_id = user_id or vault.settle(connection, [[identity]])[0]
        if user_id is None:
            raise UnknownPersonError("this person was erased and is not read again")
        if not takes_part:
            return _out(*opt_out(connection, user_id, now))
        begun = opt_in(
            connection, user_id, now, settings.people.text_version,
            lambda one: _own(vault, connection, one), links_survey=links_survey, usual=usual_days(settings),
        )  # fmt: skip
    return "takes part from now on" if begun else "takes part already; nothing was changed"


def open_vault(settings: Settings, connection: "psycopg.Connection[Any]") -> IdentityVault:
    """The vault of this database, with its key."""
    vault = IdentityVault(identity_key(settings, home()))
    vault.verify(connection)
    return vault


def usual_days(settings: Settings) -> Days:
    """The days of people of whom nothing else is known."""
    usual = settings.people
    zone = usual.timezone or settings.metrics.timezone
    return Days(zone, usual.workday_start, usual.workday_end, usual.working_days)


def _wish(listed: Listed) -> Wish:
    one = listed.member
    days = Days(one.time_zone, one.workday_start, one.workday_end, one.working_days, one.country, one.team)
    return Wish(listed.user_id, one.opted_in, one.opted_out, one.links_survey, days)


def _respondents(
    vault: IdentityVault, connection: "psycopg.Connection[Any]", wishes: Sequence[Wish]
) -> dict[UUID, UUID]:
    """A surrogate of its own for the answers of each who opted in and did not agree to be linked."""
    apart = [wish.user_id for wish in wishes if wish.opted_in and not wish.links_survey]
    own = vault.settle(connection, [[("survey", str(user_id))] for user_id in apart])
    return {user_id: surrogate for user_id, surrogate in zip(apart, own, strict=True) if surrogate}


def _own(vault: IdentityVault, connection: "psycopg.Connection[Any]", user_id: UUID) -> UUID:
    (surrogate,) = vault.settle(connection, [[("survey", str(user_id))]])
    assert surrogate is not None
    return surrogate


def identity_of(settings: Settings, warehouse: Warehouse, who: str) -> tuple[str, str]:
    """How the vault would know a person: by a GitHub login, its number, or an e-mail address.

    Raises:
        UnknownPersonError: GitHub knows no such login.
        GitHubError: a login must be looked up and cannot be.
    """
    if "@" in who.lstrip("@"):
        person = known(Named(None, email=normalised(who)))
        return ("github", str(person.account_id)) if person.account_id else ("email", person.email or "")
    if who.isdigit():
        return "github", who
    login = who.lstrip("@").lower()
    with _client(settings, warehouse) as client:
        organization = settings.github.organization
        members = organization_members(client, organization) if organization else {}
        number = members.get(login) or account_of(client, login)
    if number is None:
        raise UnknownPersonError("GitHub knows no such login; give the account's number, or an e-mail address")
    return "github", str(number)


def _out(was_in: bool, deleted: dict[str, int]) -> str:
    rows = ", ".join(f"{count} of {table}" for table, count in deleted.items() if count)
    what = "takes part no longer" if was_in else "was not taking part"
    return f"{what}; rows deleted: {rows or 'none'}"


@contextmanager
def _client(settings: Settings, warehouse: Warehouse) -> Iterator["GitHubClient"]:
    from roosevelt_pipeline.collection import github_client

    with github_client(settings, warehouse, "the directory of people") as client:
        yield client
