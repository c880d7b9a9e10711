import pytest

from roosevelt_pipeline.privacy.identities import IdentityVault, Person, bot_reason, known, normalised
from roosevelt_pipeline.privacy.keys import IdentityKeyError
from roosevelt_pipeline.settings import BotSettings

BOTS = BotSettings(accounts=("build-farm",))


def test_an_address_is_the_same_however_it_is_written():
    assert normalised("  Ada@Example.COM ") == normalised("ada@example.com")
    assert normalised("\N{FULLWIDTH LATIN SMALL LETTER A}da@example.com") == "ada@example.com"


def test_a_no_reply_address_gives_the_account_away():
    person = known(Person(None, names=("Ada",), email="4711+Ada-L@users.noreply.github.com"))

    assert person.account_id == 4711
    assert person.email is None
    assert "ada-l" in person.names


def test_the_address_that_github_itself_commits_with_is_nobody():
    assert known(Person(None, email="noreply@github.com")).email is None


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (Person(1, "Bot", ("whatever",)), "account type"),
        (Person(2, "User", ("dependabot[bot]",)), "name like *[bot]"),
        (Person(3, "User", ("Release-BOT",)), "name like *-bot"),
        (Person(4, "User", ("Build-Farm",)), "listed"),
        (Person(5, "User", ("bottomley",)), None),
        (Person(6, "User", ("b",)), None),
    ],
)
def test_a_machine_is_known_by_its_account_its_name_or_the_list(person, reason):
    assert bot_reason(person, BOTS) == reason


def test_nobody_finds_the_account_behind_a_hash_without_the_key():
    one, other = IdentityVault(b"a" * 32), IdentityVault(b"b" * 32)

    assert one.hashed("github", "4711") == IdentityVault(b"a" * 32).hashed("github", "4711")
    assert one.hashed("github", "4711") != other.hashed("github", "4711")
    assert one.hashed("github", "4711") != one.hashed("gitlab", "4711")


def test_provider_and_id_cannot_be_shifted_into_each_other():
    vault = IdentityVault(b"a" * 32)

    assert vault.hashed("github", "14711") != vault.hashed("github1", "4711")


def test_a_short_key_is_refused():
    with pytest.raises(IdentityKeyError, match="multiple of 32"):
        IdentityVault(b"short")


def test_a_person_is_not_shown_by_name_in_a_traceback():
    shown = repr(Person(1, "User", ("canary-login",), "canary@example.com"))

    assert "canary" not in shown
