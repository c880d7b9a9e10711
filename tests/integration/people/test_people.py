"""From a directory to participants, through GitHub's protocol and the vault."""

from datetime import UTC, date, datetime, timedelta

import pytest

from roosevelt_pipeline.people import UnknownPersonError, change_participation, follow_people, open_vault
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import create_app, serve
from roosevelt_pipeline.sandbox.tokens import Token
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.participants import respondents
from tests.integration.sandbox import handmade
from tests.support.people import emptied

TODAY = datetime.now(UTC).date()
HEADER = "github,github_id,emails,time_zone,team,opted_in,opted_out,link_survey"


class Office:
    """A directory, a GitHub that knows alice, and a warehouse."""

    def __init__(self, warehouse, folder, url):
        self.warehouse, self.file = warehouse, folder / "people.csv"
        self.settings = Settings(
            github={"organization": "acme", "api_url": url}, github_token="sandbox-token",
            people={"directory": self.file},
        )  # fmt: skip

    def follow(self, *rows):
        self.file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        return follow_people(self.settings, self.warehouse)

    def opt(self, who, *, takes_part, **more):
        return change_participation(self.settings, self.warehouse, who, takes_part=takes_part, **more)

    def rows(self, query, *values):
        with self.warehouse.connect(autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def participants(self):
        return self.rows(
            "select user_id, started_at::date, ended_because, survey_user_id, channel "
            "from raw.participants order by started_at"
        )

    def surrogate(self, provider, number):
        with self.warehouse.connect(Role.INGEST) as connection:
            return open_vault(self.settings, connection).find(connection, [(provider, number)])[provider, number]


@pytest.fixture(scope="module")
def github():
    with serve(create_app(handmade.store(), tokens={"sandbox-token": Token()}, limits=UNLIMITED)) as running:
        yield running


@pytest.fixture
def office(warehouse, tmp_path, github):
    return Office(emptied(warehouse), tmp_path, github.url)


def test_nobody_takes_part_whom_the_directory_only_lists(office):
    report = office.follow("alice,,alice@acme.org,,,,,", ",,carol@acme.org,,,,,")

    assert (report.listed, report.changes.taking_part) == (2, 0)
    assert office.participants() == []
    assert office.rows("select 1 from raw.people_settings") == []


def test_account_and_addresses_of_one_person_become_one_and_a_login_its_number(office):
    office.follow("Alice,,alice@acme.org a@home.example,,,,,")

    account = office.surrogate("github", str(handmade.ALICE))
    aliases = [office.surrogate("email", address) for address in ("alice@acme.org", "a@home.example")]
    canonical = dict(office.rows("select user_id, canonical_user_id from raw.people"))
    assert {canonical[one] for one in (account, *aliases)} == {account}


def test_a_person_takes_part_from_the_day_on_that_the_directory_names(office):
    report = office.follow("alice,,,Europe/Amsterdam,web,2026-01-05,,", "bob-unknown,,,,,2026-01-05,,")

    account = office.surrogate("github", str(handmade.ALICE))
    ((user_id, started, ended, respondent, channel),) = office.participants()
    assert (user_id, started, ended, channel) == (account, date(2026, 1, 5), None, "directory")
    assert respondent not in (None, account)  # answers go by a surrogate of their own
    assert office.rows("select user_id, time_zone, team from raw.people_settings") == [
        (account, "Europe/Amsterdam", "web")
    ]
    assert report.faults == [
        "people.csv:3: github: GitHub knows no such login; correct it, or write the account's number as github_id"
    ]


def test_the_same_directory_again_changes_nothing(office):
    office.follow("alice,,,,,2026-01-05,,", ",,carol@acme.org,,,2026-02-01,,yes")
    before = office.participants(), office.rows("select * from raw.people_settings order by 1")

    report = office.follow("alice,,,,,2026-01-05,,", ",,carol@acme.org,,,2026-02-01,,yes")

    assert (report.changes.begun, report.changes.ended) == (0, 0)
    assert (office.participants(), office.rows("select * from raw.people_settings order by 1")) == before


def test_answers_carry_the_persons_own_surrogate_only_where_that_was_agreed(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,")
    ((carol, _, _, apart, _),) = office.participants()

    office.follow(",,carol@acme.org,,,2026-02-01,,yes")
    office.follow(",,carol@acme.org,,,2026-02-01,,no")

    terms = [(ended, respondent) for _, _, ended, respondent, _ in office.participants()]
    assert terms == [("other terms", apart), ("other terms", carol), (None, apart)]


def test_opting_out_in_the_directory_ends_it_and_takes_the_data_along(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,")
    ((_, _, _, respondent, _),) = office.participants()
    answered(office, respondent)

    report = office.follow(f",,carol@acme.org,,,2026-02-01,{TODAY},")

    assert [ended for _, _, ended, _, _ in office.participants()] == ["opted out"]
    assert report.changes.rows_deleted == 6
    assert left_of(office, respondent) == []


def test_opting_out_leaves_a_nobody_in_what_was_published_of_the_group(office):
    office.follow("carol,7,carol@acme.org,,,2026-01-05,,")
    carol = office.surrogate("github", "7")
    office.rows(
        "insert into published.space_members values ('commits', '2026-02-02', 'team', 'payments', %s) returning 1",
        carol,
    )

    office.opt("carol@acme.org", takes_part=False)

    ((member,),) = office.rows("select user_id from published.space_members")
    assert member != carol


def test_two_accounts_that_turn_out_to_be_one_person_end_together(office):
    office.follow("alice,,,,,2026-02-01,,", ",,carol@acme.org,,,2026-02-01,,")
    assert len(office.participants()) == 2
    office.follow("alice,,carol@acme.org,,,2026-02-01,,")

    office.opt("alice", takes_part=False)

    assert [ended for _, _, ended, _, _ in office.participants()] == ["opted out"] * 2


def test_answers_to_two_accounts_that_turned_out_to_be_one_persons_carry_one_surrogate(office):
    """Both began on the same day; by whichever of them somebody answers, it is one answer of one person."""
    day = date(2026, 3, 2)
    office.follow("alice,,,,,2026-02-01,,", ",,carol@acme.org,,,2026-02-01,,")
    both = [user_id for user_id, *_ in office.participants()]
    with office.warehouse.connect(Role.INGEST) as connection:
        apart = respondents(connection, [(user_id, day) for user_id in both])
    office.follow("alice,,carol@acme.org,,,2026-02-01,,")
    with office.warehouse.connect(Role.INGEST) as connection:
        together = respondents(connection, [(user_id, day) for user_id in both])

    assert len(set(apart.values())) == len(together) == 2
    assert len(set(together.values())) == 1
    assert set(together.values()) < set(apart.values())


def test_somebody_elses_data_stay(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,", ",,dave@acme.org,,,2026-02-01,,")
    (_, _, _, carol, _), (_, _, _, dave, _) = office.participants()
    answered(office, carol)
    answered(office, dave)

    office.opt("carol@acme.org", takes_part=False)

    assert left_of(office, carol) == []
    assert len(left_of(office, dave)) == 5


def test_who_opted_out_by_command_is_not_brought_back_by_an_older_day_of_the_directory(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,")

    said = office.opt("Carol@ACME.org", takes_part=False)
    office.follow(",,carol@acme.org,,,2026-02-01,,")

    assert said.startswith("takes part no longer")
    assert [ended for _, _, ended, _, _ in office.participants()] == ["opted out"]


def test_who_opts_in_by_command_stays_though_the_directory_says_nothing(office):
    office.follow("alice,,,,,,,")

    assert office.opt("alice", takes_part=True) == "takes part from now on"
    assert office.opt(str(handmade.ALICE), takes_part=True) == "takes part already; nothing was changed"
    office.follow("alice,,,,,,,")

    ((_, _, ended, _, channel),) = office.participants()
    assert (ended, channel) == (None, "command")


def test_who_is_no_longer_listed_takes_part_no_longer_but_has_withdrawn_nothing(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,", ",,dave@acme.org,,,2026-02-01,,")
    answered(office, office.participants()[0][3])
    answered(office, office.participants()[1][3])

    office.follow(",,dave@acme.org,,,2026-02-01,,")

    assert sorted(str(ended) for _, _, ended, _, _ in office.participants()) == ["None", "no longer listed"]
    assert office.rows("select count(*) from raw.survey_answers") == [(2,)]


def test_a_row_that_cannot_be_read_ends_nobodys_participation(office):
    office.follow(",,carol@acme.org,,,2026-02-01,,", ",,dave@acme.org,,,2026-02-01,,")

    report = office.follow(",,carol@acme.org,Middle/Earth,,2026-02-01,,", ",,dave@acme.org,,,2026-02-01,,")

    assert len(report.faults) == 1
    assert [ended for _, _, ended, _, _ in office.participants()] == [None, None]


def test_a_day_to_come_changes_nothing_yet(office):
    tomorrow = TODAY + timedelta(days=2)
    office.follow(f",,carol@acme.org,,,{tomorrow},,", f",,dave@acme.org,,,2026-02-01,{tomorrow},")

    ((_, started, ended, _, _),) = office.participants()
    assert (started, ended) == (date(2026, 2, 1), None)


@pytest.mark.parametrize("who", ["nobody@acme.org", "no-such-login"])
def test_nobody_opts_in_whom_nobody_knows(office, who):
    with pytest.raises(UnknownPersonError) as caught:
        office.opt(who, takes_part=True)
    assert who not in str(caught.value)


def test_nothing_of_the_directory_but_zone_and_team_can_be_found_in_the_database(office):
    office.follow("alice,,alice@acme.org,Europe/Amsterdam,web,2026-01-05,,")

    everything = ""
    for schema, table in office.rows("select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|info)'"):
        everything += str(office.rows(f"select t::text from {schema}.{table} as t")).lower()

    assert "alice" not in everything
    assert "acme.org" not in everything


def answered(office, respondent):
    """Everything that an answer leaves in the warehouse."""
    with office.warehouse.connect(Role.INGEST, autocommit=True) as connection:
        row = (
            f"'q|{respondent}', 'org', '{{\"survey_user_id\": \"{respondent}\"}}', '', null, now(), now(), false, "
            "gen_random_uuid()"
        )
        connection.execute(f"insert into raw.survey_answers values ({row})")
        connection.execute(f"insert into raw.survey_answers_versions values ({row}, {hash(respondent) % 10**9}, now())")
        connection.execute(
            f"insert into survey.invitations values ('q', '{respondent}', '2026-Q1', 'email', null, now())"
        )
        connection.execute(
            f"insert into survey.submissions (survey, survey_user_id, quarter, nps_score) "
            f"values ('q', '{respondent}', '2026-Q1', 9)"
        )
        connection.execute(f"insert into survey.feedback values ('q|{respondent}', '{respondent}', 'x', now(), now())")


def left_of(office, respondent):
    """Tables in which the surrogate can still be found, but for the record of having taken part."""
    tables = office.rows("select schemaname, tablename from pg_tables where schemaname in ('raw', 'survey', 'ingest')")
    return [
        table
        for schema, table in tables
        if table != "participants"
        and office.rows(f"select 1 from {schema}.{table} as t where t::text like %s", f"%{respondent}%")
    ]
