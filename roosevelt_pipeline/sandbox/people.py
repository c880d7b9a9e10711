"""Who works at the company: people of two continents, machines, and one who left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roosevelt_pipeline.sandbox.blueprint import Division, TeamBlueprint
from roosevelt_pipeline.sandbox.identifiers import Identifiers
from roosevelt_pipeline.sandbox.rhythm import AMSTERDAM, CLOSES_AT, NEW_YORK, OPENS_AT
from roosevelt_pipeline.sandbox.store import Doc, Store

FULL_NAMES = (
    "Anouk de Vries", "Søren Østergård", "Zoë Brontë-Hall", "Łukasz Wiśniewski", "José Ángel Núñez", "Nguyễn Thị Hạnh",
    "Márta Kovács", "Jürgen Groß", "Fatma Yıldız", "Oisín Ó Súilleabháin", "山田 花子", "Åsa Lindström",
    "Bram Jansen", "Ólafur Þórsson", "Priya Raghunathan", "Dmitri Иванов", "Chloé Lefèvre", "Renée O’Connor",
    "Mateus Gonçalves", "Aleksandra Đorđević", "Tomáš Dvořák", "Ηλίας Παππάς", "Grace Okonkwo", "李 小龍",
    "Maya Cohen", "Ian MacGregor", "Noa בן-דוד", "Valentina Ruíz", "Kwame Mensah", "Siobhán Ní Bhriain",
)  # fmt: skip
LOGINS = (
    "anouk", "soren-o", "zoebh", "lukaszw", "joseangel", "hanhnt", "kmarta", "jgross", "fatmay", "oisin", "hanako-y",
    "asal", "bramj", "olafur", "priyar", "dmitri-i", "chloe-l", "reneeoc", "mateusg", "adjordjevic", "tdvorak", "ilias",
    "graceo", "xiaolong-li", "mayac", "ianmac", "noabd", "vruiz", "kwame-m", "siobhan",
)  # fmt: skip

DEPENDABOT = "dependabot[bot]"
RENOVATE = "renovate[bot]"
CI_APP = "helios-ci[bot]"
PAGER_APP = "helios-pager[bot]"
RELEASE_USER = "helios-release-bot"  # a machine that GitHub calls a user; only its name gives it away
MACHINES = (
    (DEPENDABOT, "Bot"), (RENOVATE, "Bot"), (CI_APP, "Bot"), (PAGER_APP, "Bot"), (RELEASE_USER, "User"),
)  # fmt: skip

GHOST_LEAVES_AFTER_DAYS = 75
UNLINKED_EMAIL_EVERY = 9  # one in so many people also commits with an address that GitHub does not know


@dataclass(frozen=True)
class Person:
    """Someone with an account, or a machine. Working hours are seconds of the local day."""

    id: int
    login: str
    name: str
    email: str
    team: str | None
    zone: str
    kind: str = "User"
    is_bot: bool = False
    has_left: bool = False
    works_until_day: int | None = None
    other_email: str | None = None
    works_from: int = OPENS_AT
    works_to: int = CLOSES_AT

    @property
    def account_id(self) -> int | None:
        """What GitHub shows as the account: nothing once a person has deleted it."""
        return None if self.has_left else self.id


@dataclass(frozen=True)
class Cast:
    """The people of one division."""

    by_team: dict[str, tuple[Person, ...]]
    everyone: tuple[Person, ...]


def cast(division: Division, ids: Identifiers, first_day: int) -> Cast:
    """Fill the teams of a division. The same division always gets the same people."""
    names = _names(division.number)
    by_team = {
        team.slug: tuple(_person(ids, team, *next(names), first_day, place) for place in range(team.size))
        for team in division.teams
    }
    outsider = _person(ids, None, *next(names), first_day, 0)
    everyone = (*(person for members in by_team.values() for person in members), outsider)
    return Cast(by_team, everyone)


def hire_machines(ids: Identifiers) -> dict[str, Person]:
    return {
        login: Person(ids.next("account"), login, login.removesuffix("[bot]"),
                      f"{login}@users.noreply.github.com", None, AMSTERDAM, kind, is_bot=True)
        for login, kind in MACHINES
    }  # fmt: skip


def write_accounts(store: Store, people: Iterable[Person]) -> None:
    for person in people:
        if not person.has_left:
            store.put("accounts", _account(person))


def write_team(store: Store, ids: Identifiers, team: TeamBlueprint, members: tuple[Person, ...]) -> None:
    roles = [
        {"account_id": person.id, "role": "MAINTAINER" if place == 0 else "MEMBER"}
        for place, person in enumerate(members)
        if not person.has_left
    ]
    doc = {"id": ids.next("team"), "slug": team.slug, "name": team.name, "parent_slug": team.parent, "members": roles}
    store.put("teams", doc)


def _names(division: int) -> Iterator[tuple[str, str]]:
    mark = "" if division == 1 else f"-{division}"
    for place in range(10_000):
        lap = "" if place < len(LOGINS) else f"-{place // len(LOGINS)}"
        yield LOGINS[place % len(LOGINS)] + lap + mark, FULL_NAMES[(place + division - 1) % len(FULL_NAMES)]


def _person(ids: Identifiers, team: TeamBlueprint | None, login: str, name: str, first_day: int, place: int) -> Person:
    number = ids.next("account")
    ghost = team is not None and team.slug.startswith("identity") and place == 2
    zone = team.zone if team else NEW_YORK
    if place == 4:  # one member of each team works on the other continent
        zone = NEW_YORK if zone == AMSTERDAM else AMSTERDAM
    return Person(
        number, login, name, f"{login}@helios-labs.example", team.slug if team else None, zone, has_left=ghost,
        works_until_day=first_day + GHOST_LEAVES_AFTER_DAYS if ghost else None,
        other_email=f"{login}@home.example" if place % UNLINKED_EMAIL_EVERY == 3 else None,
    )  # fmt: skip


def _account(person: Person) -> Doc:
    return {
        "id": person.id, "login": person.login, "name": person.name, "email": person.email, "kind": person.kind,
        "team": person.team, "timezone": person.zone,
    }  # fmt: skip
