from datetime import UTC, datetime
from uuid import UUID

import pytest

from roosevelt_pipeline.privacy.identities import IdentityVault, Person
from roosevelt_pipeline.privacy.keys import IdentityKeyError
from roosevelt_pipeline.settings import BotSettings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.records import Record

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY, NEWER = b"k" * 32, b"n" * 32
ADA = Person(1, "User", ("ada",))
ADA_AT_HOME = Person(None, "User", ("Ada",), "Ada@Home.example")
ADA_WITH_BOTH = Person(1, "User", ("ada",), "ada@home.example")


@pytest.fixture
def connection(fresh_warehouse):
    with fresh_warehouse.connect(Role.INGEST, autocommit=True) as connection:
        yield connection


def surrogates(connection, *persons, key=KEY):
    """The surrogate that each person lands under, all in one page."""
    records = [Record(str(place), {"author_id": person}) for place, person in enumerate(persons)]
    with connection.transaction():
        found = IdentityVault(key).pseudonymise(connection, records, BotSettings(), NOW)
    return [record.payload["author_id"] for record in found]


def canonical(connection, *users):
    people = dict(connection.execute("select user_id, canonical_user_id from raw.people").fetchall())
    return [str(people[UUID(user)]) for user in users]


def test_an_account_has_one_surrogate_for_ever_and_it_tells_nothing(connection):
    first, same = surrogates(connection, ADA, Person(1, "User", ("renamed",)))
    (later,) = surrogates(connection, ADA)

    assert first == same == later
    assert UUID(first).version == 4


def test_an_address_is_one_person_however_it_is_written(connection):
    one, same, other = surrogates(
        connection, ADA_AT_HOME, Person(None, email=" ada@home.EXAMPLE"), Person(None, email="bob@home.example")
    )

    assert one == same != other


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_account_and_address_seen_together_are_one_person_in_whatever_order_they_were_met(connection, order):
    sightings = [ADA, ADA_AT_HOME, ADA_WITH_BOTH]
    found = {place: surrogates(connection, sightings[place])[0] for place in order}

    # What lands does not depend on the order; only the tie between the surrogates is found sooner or later.
    assert found[0] == found[2] != found[1]
    assert canonical(connection, found[0], found[1]) == [found[0], found[0]]


def test_a_no_reply_address_is_the_account(connection):
    account, address = surrogates(connection, ADA, Person(None, email="1+ada@users.noreply.github.com"))

    assert account == address


def test_two_accounts_that_used_one_address_stay_two_people(connection):
    ada, bob = surrogates(connection, ADA_WITH_BOTH, Person(2, "User", ("bob",), "ada@home.example"))

    assert canonical(connection, ada, bob) == [ada, bob]


def test_an_address_that_every_machine_has_ties_nobody(connection):
    root, ada = surrogates(connection, Person(None, email="root@localhost"), Person(1, email="root@localhost"))

    assert canonical(connection, root, ada) == [root, ada]


def test_somebody_without_account_and_address_is_nobody(connection):
    assert surrogates(connection, Person(None, names=("Ada",)), Person(None, email="noreply@github.com")) == [
        None,
        None,
    ]


def test_reviewers_inside_a_record_are_pseudonymous_too(connection):
    record = Record(
        "1", {"author_id": ADA, "reviews": [{"author_id": Person(2)}, {"author_id": None}], "labels": ["x"]}
    )
    with connection.transaction():
        (found,) = IdentityVault(KEY).pseudonymise(connection, [record], BotSettings(), NOW)

    assert [type(review["author_id"]) for review in found.payload["reviews"]] == [str, type(None)]
    assert found.payload["labels"] == ["x"]


def test_an_erased_identity_comes_back_as_nobody(fresh_warehouse, connection):
    digest = IdentityVault(KEY).hashed("github", "1")
    with fresh_warehouse.connect(Role.OWNER, autocommit=True) as owner:
        owner.execute("insert into vault.tombstones (identity_hmac, reason) values (%s, 'asked for')", (digest,))

    assert surrogates(connection, ADA) == [None]
    assert connection.execute("select count(*) from raw.github_accounts").fetchone() == (0,)


def test_surrogates_outlive_the_key(fresh_warehouse, connection):
    before = surrogates(connection, ADA, ADA_AT_HOME)
    newer = IdentityVault(NEWER)
    with fresh_warehouse.connect(Role.OWNER, autocommit=True) as owner:
        for (digest,) in owner.execute("select identity_hmac from vault.identities").fetchall():
            owner.execute(
                "update vault.identities set identity_hmac = %s where identity_hmac = %s",
                (newer.rehashed(digest), digest),
            )

    assert surrogates(connection, ADA, ADA_AT_HOME, key=KEY + NEWER) == before


def test_a_vault_that_was_filled_with_another_key_is_not_touched(connection):
    IdentityVault(KEY).verify(connection)
    IdentityVault(KEY).verify(connection)

    with pytest.raises(IdentityKeyError, match="not the one that this database's vault was filled with"):
        IdentityVault(NEWER).verify(connection)


def test_accounts_say_who_is_a_machine_and_by_which_rule_and_keep_it(connection):
    machine = Person(3, "Bot", ("renovate[bot]",))
    surrogates(connection, ADA, machine, ADA_AT_HOME, Person(None, names=("release-bot",), email="ci@acme.example"))
    surrogates(connection, Person(3, "User", ()))  # a commit that tells the account's number alone

    rows = connection.execute(
        "select account_type, is_bot, bot_reason from raw.github_accounts order by 1, 2"
    ).fetchall()

    assert rows == [
        ("Bot", True, "account type"),
        ("Email", False, None),
        ("Email", True, "name like *-bot"),
        ("User", False, None),
    ]
