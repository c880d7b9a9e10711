"""Pseudonyms at the boundary: accounts and addresses become random surrogates before anything lands.

The vault keeps keyed hashes only (HMAC-SHA-256 over provider and immutable id). An account
and each address have surrogates of their own for ever; that two of them are one person is a
tie between surrogates, which may be found at any time and changes no row that has landed.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import psycopg

from roosevelt_pipeline.patterns import any_of, matches
from roosevelt_pipeline.privacy.keys import KEY_BYTES, IdentityKeyError
from roosevelt_pipeline.settings import BotSettings
from roosevelt_pipeline.warehouse.records import Record

Connection = psycopg.Connection[Any]
_SEPARATOR = b"\x1f"
_NOREPLY = re.compile(r"(?P<id>[0-9]{1,19})\+(?P<login>[^@]+)@users\.noreply\.[^@]+")
_NOBODYS = frozenset({"", "noreply@github.com"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a source names them. Lives in memory between answer and landing only.

    Attributes:
        account_id: the provider's numeric id; never the login, which can change hands.
        kind: what the provider calls the account.
        names: login and other names, read for signs of a machine and then dropped.
        email: stands in where there is no account, and ties the two where there is.
    """

    account_id: int | None
    kind: Literal["User", "Bot"] = "User"
    names: tuple[str, ...] = field(default=(), repr=False)
    email: str | None = field(default=None, repr=False)


class IdentityVault:
    """Turns persons into surrogates.

    Args:
        key: 32 bytes, or several keys in a row, oldest first: after a rotation the hash of an
            id is that by the newest key of the one before.
    """

    def __init__(self, key: bytes) -> None:
        self._keys = [key[start : start + KEY_BYTES] for start in range(0, len(key), KEY_BYTES)]
        if not self._keys or len(self._keys[-1]) != KEY_BYTES:
            raise IdentityKeyError(f"the identity key must be a multiple of {KEY_BYTES} bytes")

    def verify(self, connection: Connection) -> None:
        """Check that the vault was filled with this key; an empty one is bound to it.

        Raises:
            IdentityKeyError: it was filled with another, so everybody would become somebody new.
        """
        mark = hmac.digest(self._keys[-1], b"roosevelt vault key check", "sha256")[:16]
        row = connection.execute("select vault.key_fits(%s, %s)", (len(self._keys), mark)).fetchone()
        if not row or not row[0]:
            raise IdentityKeyError(
                "the identity key is not the one that this database's vault was filled with; restore the old key "
                "(identity.key under ROOSEVELT_HOME, or ROOSEVELT_IDENTITY_KEY), or start with an empty database"
            )

    def hashed(self, provider: str, immutable_id: str) -> bytes:
        """The index of an identity: 32 bytes that only the key's holder can compute."""
        return self.rehashed(provider.encode() + _SEPARATOR + immutable_id.encode("utf-8", "surrogatepass"))

    def rehashed(self, digest: bytes) -> bytes:
        """What a hash by an older key becomes under this one: so a key is replaced without knowing any id."""
        for key in self._keys:
            digest = hmac.digest(key, digest, "sha256")
        return digest

    def pseudonymise(
        self, connection: Connection, records: Iterable[Record], bots: BotSettings, observed_at: datetime
    ) -> list[Record]:
        """Replace every person in the payloads by a surrogate, in the caller's transaction.

        Persons that nobody can tell apart (no account, no address) and erased ones become null.
        What is known of the accounts (kind, machine or not) goes to ``raw.github_accounts``.
        """
        records, found = list(records), dict[Person, None]()
        touched = [_gather(record.payload, found) if record.payload else [] for record in records]
        persons = {person: known(person) for person in found}
        surrogates = self._surrogates(connection, persons.values()) if persons else {}
        _note_accounts(connection, _accounts(persons.values(), surrogates, bots), observed_at)
        users = {
            person: str(surrogates[own]) if (own := _own_identity(sure)) in surrogates else None
            for person, sure in persons.items()
        }
        return [_nameless(record, keys, users) for record, keys in zip(records, touched, strict=True)]

    def settle(self, connection: Connection, persons: Sequence[Sequence[tuple[str, str]]]) -> list[UUID | None]:
        """One person for each list of identities (provider and id): the surrogate of its first.

        The others are tied to it. Who has no identity, or was erased, has none.
        """
        found = self._resolved(connection, [identity for person in persons for identity in person])
        ties = [
            (found[alias], found[person[0]])
            for person in persons
            for alias in person[1:]
            if alias in found and person[0] in found
        ]
        self._tie(connection, ties)
        return [found.get(person[0]) if person else None for person in persons]

    def find(self, connection: Connection, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """Surrogates of the identities that are known already. Asking makes nobody."""
        hashes = {identity: self.hashed(*identity) for identity in identities}
        rows = connection.execute(
            "select identity_hmac, user_id from vault.find_identities(%b::bytea[])", (list(hashes.values()),)
        ).fetchall()
        by_hash = {bytes(digest): user_id for digest, user_id in rows}
        return {identity: by_hash[digest] for identity, digest in hashes.items() if digest in by_hash}

    def forget_bots(self, connection: Connection) -> None:
        """Take back that accounts are machines where only our own rules said so."""
        connection.execute(
            "update raw.github_accounts set is_bot = false, bot_reason = null where is_bot and account_type <> 'Bot'"
        )

    def _surrogates(self, connection: Connection, persons: Iterable[Person]) -> dict[tuple[str, str], UUID]:
        """Surrogates of all identities of the persons; ties those of one person together."""
        persons = list(persons)
        found = self._resolved(connection, [identity for person in persons for identity in _identities(person)])
        self._tie(connection, [pair for person in persons if (pair := _tie(person, found))])
        return found

    def _resolved(self, connection: Connection, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        hashes = {identity: self.hashed(*identity) for identity in identities}
        # In binary: written out, hashes cost more than everything else here.
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(
                "select identity_hmac, user_id from vault.resolve_identities(%b::bytea[], %b::text[])",
                (list(hashes.values()), [provider for provider, _ in hashes]),
            ).fetchall()
        by_hash = {bytes(digest): user_id for digest, user_id in rows}
        return {identity: by_hash[digest] for identity, digest in hashes.items() if digest in by_hash}

    def _tie(self, connection: Connection, ties: Sequence[tuple[UUID, UUID]]) -> None:
        """Note that each alias is the person beside it."""
        if ties:
            connection.execute(
                "select vault.merge_aliases(%s, %s)", ([alias for alias, _ in ties], [account for _, account in ties])
            )


def normalised(email: str) -> str:
    """An address as one person may have written it: trimmed, NFKC, lower case."""
    return unicodedata.normalize("NFKC", email.strip()).lower()


def known(person: Person) -> Person:
    """The person with what the address gives away: GitHub's no-reply addresses carry the account's id."""
    if person.email is None:
        return person
    email = normalised(person.email)
    if match := _NOREPLY.fullmatch(email):
        names = (*person.names, match["login"])
        return replace(person, account_id=person.account_id or int(match["id"]), names=names, email=None)
    return replace(person, email=None if email in _NOBODYS else email)


def bot_reason(person: Person, bots: BotSettings) -> str | None:
    """Why this is a machine, by the first rule that says so; ``None`` for a human. Names nobody."""
    if person.kind == "Bot":
        return "account type"
    if bots.accounts and any(name.lower() in _listed(bots.accounts) for name in person.names):
        return "listed"
    sign = any_of(bots.patterns)
    if not any(sign.fullmatch(name) for name in person.names):
        return None
    fitting = (pattern for pattern in bots.patterns if any(matches(name, pattern) for name in person.names))
    return next((f"name like {pattern}" for pattern in fitting), None)


@lru_cache(maxsize=16)
def _listed(accounts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(account.lower() for account in accounts)


def _identities(person: Person) -> list[tuple[str, str]]:
    account = [("github", str(person.account_id))] if person.account_id is not None else []
    return account + ([("email", person.email)] if person.email else [])


def _own_identity(person: Person) -> tuple[str, str] | None:
    return next(iter(_identities(person)), None)


def _tie(person: Person, found: dict[tuple[str, str], UUID]) -> tuple[UUID, UUID] | None:
    """Address and account of one person. Addresses without a domain are shared by many machines."""
    if person.account_id is None or not person.email or "." not in person.email.rpartition("@")[2]:
        return None
    account, email = (found.get(identity) for identity in _identities(person))
    return (email, account) if account and email else None


def _gather(payload: dict[str, Any], found: dict[Person, None]) -> list[str]:
    """Add the persons in a payload to those found, in order. Returns the keys under which there are any."""
    keys = []
    for key, value in payload.items():
        kind = type(value)
        if kind is Person:
            found[value] = None
            keys.append(key)
        elif kind is list and sum(bool(_gather(item, found)) for item in value if type(item) is dict):
            keys.append(key)
    return keys


def _nameless(record: Record, keys: list[str], users: dict[Person, str | None]) -> Record:
    """The record with surrogates for the persons that are under these keys."""
    if record.payload is None or not keys:
        return record
    payload = dict(record.payload)
    for key in keys:
        payload[key] = _surrogate_for(payload[key], users)
    return Record(record.natural_key, payload, record.source_updated_at, record.deleted)


def _surrogate_for(value: Any, users: dict[Person, str | None]) -> Any:
    kind = type(value)
    if kind is Person:
        return users[value]
    if kind is list:
        return [_surrogate_for(item, users) for item in value]
    if kind is dict:
        return {key: _surrogate_for(item, users) for key, item in value.items()}
    return value


def _accounts(
    persons: Iterable[Person], surrogates: dict[tuple[str, str], UUID], bots: BotSettings
) -> dict[UUID, tuple[str, str | None]]:
    """Kind of account and reason to call it a machine, by surrogate; a machine in one sighting is one in all."""
    accounts: dict[UUID, tuple[str, str | None]] = {}
    for person in persons:
        user_id = surrogates.get(_own_identity(person) or ("", ""))
        if user_id is not None:
            kind = person.kind if person.account_id is not None else "Email"
            reason = bot_reason(person, bots)
            known_kind, known_reason = accounts.get(user_id, (kind, None))
            accounts[user_id] = (min(kind, known_kind), known_reason or reason)
    return accounts


def _note_accounts(connection: Connection, accounts: dict[UUID, tuple[str, str | None]], observed_at: datetime) -> None:
    if accounts:
        ordered = sorted(accounts.items())
        connection.execute(
            _NOTE_ACCOUNTS,
            {
                "ids": [user_id for user_id, _ in ordered],
                "types": [kind for _, (kind, _) in ordered],
                "reasons": [reason for _, (_, reason) in ordered],
                "observed_at": observed_at,
            },
        )


# What one sighting knew (GitHub called it a bot, its name is a robot's) a poorer one does not take back.
_NOTE_ACCOUNTS = """
insert into raw.github_accounts as known (user_id, account_type, is_bot, bot_reason, observed_at)
select seen.user_id, seen.account_type, seen.bot_reason is not null, seen.bot_reason, %(observed_at)s
from unnest(%(ids)b::uuid[], %(types)b::text[], %(reasons)b::text[]) as seen (user_id, account_type, bot_reason)
where not exists (
    select from raw.github_accounts as same
    where same.user_id = seen.user_id
      and (same.is_bot or seen.bot_reason is null)
      and (same.account_type <> 'User' or seen.account_type <> 'Bot')
)
on conflict (user_id) do update set
    account_type = least(known.account_type, excluded.account_type),
    is_bot = known.is_bot or excluded.is_bot,
    bot_reason = coalesce(known.bot_reason, excluded.bot_reason),
    observed_at = excluded.observed_at
"""
