"""What a person gets who asks what is held about them: all of it, of nobody else, and nothing after opting out."""

import json
import stat
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.people import UnknownPersonError, change_participation, follow_people, open_vault
from roosevelt_pipeline.people_export import SOMEBODY_ELSE, ExportFileError, export_person
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.invitations import note_told
from roosevelt_pipeline.warehouse.surveys import SealedAnswer, land_answers

ADA, BOB = "ada@acme.org", "bob@acme.org"
NOW = datetime.now(UTC).replace(microsecond=0)
QUARTER = f"{NOW.year}-Q{(NOW.month + 2) // 3}"
WORDS = "Fewer meetings before ten, please."


class Office:
    """Ada, who let her answers carry a pseudonym of their own, and Bob; both wrote, worked and met."""

    def __init__(self, warehouse, folder):
        self.warehouse, self.folder = warehouse, folder
        self.settings = Settings(people={"directory": folder / "people.csv"}, survey_key=SecretStr("5e" * 32))
        since = (NOW - timedelta(days=30)).date()
        (folder / "people.csv").write_text(
            f"github_id,emails,opted_in\n4711,{ADA},{since}\n4712,{BOB},{since}\n", encoding="utf-8"
        )
        follow_people(self.settings, warehouse)

    def surrogates(self):
        """Of account and answers, of each."""
        with self.warehouse.connect(Role.INGEST) as connection:
            found = open_vault(self.settings, connection).find(connection, [("github", "4711"), ("github", "4712")])
            carried = dict(connection.execute("select user_id, survey_user_id from raw.participants").fetchall())
        return [(found["github", number], carried[found["github", number]]) for number in ("4711", "4712")]

    def lives(self):
        keys = SurveyKeys(bytes.fromhex("5e" * 32))
        with self.warehouse.connect(Role.INGEST) as connection, connection.transaction():
            for score, (account, respondent) in enumerate(self.surrogates(), 8):
                sealed = keys.seal(WORDS, f"quarterly|{respondent}|{QUARTER}")
                answer = SealedAnswer(
                    "quarterly", respondent, QUARTER, str(NOW.date()), NOW, score, 4, sealed,
                )  # fmt: skip
                land_answers(connection, [answer], NOW, uuid4(), timedelta(days=90), source="form")
                note_told(connection, "quarterly", [(respondent, QUARTER, NOW, NOW)])
                self.row(
                    connection, "calendar_events", f"google:{score}", str(account), {"end": "2026-06-01T00:00:00Z"}
                )
        (ada, _), (bob, _) = self.surrogates()
        with self.warehouse.connect(Role.INGEST) as connection:
            pull = {"number": 7, "author_id": str(ada), "reviews": [{"author_id": str(bob), "state": "APPROVED"}]}
            self.row(connection, "github_pull_requests", "7", "1", pull)
            self.row(connection, "github_pull_requests", "8", "1", {"number": 8, "author_id": str(bob), "reviews": []})
        return self

    @staticmethod
    def row(connection, table, key, scope, payload):
        connection.execute(
            f"insert into raw.{table} (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id) "
            "values (%s, %s, %s, '', %s, %s, %s)", [key, scope, json.dumps(payload), NOW, NOW, uuid4()],
        )  # fmt: skip

    def export(self, who=ADA, **options):
        target = self.folder / f"{uuid4()}.json"
        export_person(self.settings, self.warehouse, who, target, **options)
        return json.loads(target.read_text(encoding="utf-8"))


@pytest.fixture
def office(fresh_warehouse, tmp_path):
    return Office(fresh_warehouse, tmp_path).lives()


def test_every_table_in_which_a_pseudonym_of_hers_stands_is_in_it_with_all_such_rows(office):
    """Looked for by PostgreSQL's own dump of each table, not by the export's query."""
    (account, respondent), _ = office.surrogates()
    expected = {}
    with office.warehouse.connect() as connection:
        same = connection.execute("select user_id::text from raw.people where canonical_user_id = %s", [account])
        hers = {str(respondent), *(alias for (alias,) in same)}  # account, address, answers
        names = connection.execute("select table_schema, table_name from information_schema.tables "
                                   "where table_type = 'BASE TABLE' and table_schema !~ '^(pg_|info)'")  # fmt: skip
        for schema, table in names.fetchall():
            with connection.cursor().copy(f"copy {schema}.{table} to stdout") as copy:
                lines = b"".join(copy).decode().splitlines()
            count = sum(any(one in line for one in hers) for line in lines)
            expected |= {f"{schema}.{table}": count} if count else {}

    held = office.export()

    assert {name: len(table["rows"]) for name, table in held["tables"].items()} == expected
    assert {"raw.participants", "raw.survey_answers", "survey.feedback", "survey.invitations", "raw.calendar_events",
            "raw.people_settings", "raw.github_pull_requests", "vault.identities"} <= expected.keys()  # fmt: skip
    assert (hers, len(hers)) == (set(held["pseudonyms"]), 3)


def test_nobody_else_is_in_it(office):
    _, bobs = office.surrogates()

    text = json.dumps(office.export())

    assert not [one for one in bobs if str(one) in text]
    (pull,) = office.export()["tables"]["raw.github_pull_requests"]["rows"]
    assert pull["payload"]["reviews"] == [{"author_id": SOMEBODY_ELSE, "state": "APPROVED"}]


def test_what_she_wrote_is_opened_only_when_that_was_asked_for(office):
    key = f"quarterly|{office.surrogates()[0][1]}|{QUARTER}"

    assert office.export()["texts"] == {key: "sealed"}
    assert WORDS not in json.dumps(office.export())
    assert office.export(opens_texts=True)["texts"] == {key: WORDS}


def test_a_text_whose_key_is_gone_is_said_to_be_lost(office):
    office.settings = office.settings.model_copy(update={"survey_key": SecretStr("00" * 32)})

    (said,) = office.export(opens_texts=True)["texts"].values()
    assert said.startswith("(cannot be opened")


def test_no_digest_or_seal_leaves_the_database(office):
    assert not [
        value
        for table in office.export()["tables"].values()
        for row in table["rows"]
        for value in row.values()
        if isinstance(value, str) and value.startswith("\\x")
    ]


def test_after_opting_out_only_that_she_took_part_and_her_work_is_left(office):
    change_participation(office.settings, office.warehouse, ADA, takes_part=False)

    held = office.export()

    assert set(held["tables"]) == {
        "raw.participants", "raw.github_pull_requests", "vault.persons", "vault.identities",
    }  # fmt: skip
    assert held["tables"]["raw.participants"]["rows"][0]["ended_because"] == "opted out"
    assert held["texts"] == {}


def test_the_file_is_hers_alone_and_takes_no_others_place(office, tmp_path):
    target = tmp_path / "ada.json"
    exported = export_person(office.settings, office.warehouse, ADA, target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "left sealed" in exported.line(target)
    with pytest.raises(ExportFileError, match="already"):
        export_person(office.settings, office.warehouse, ADA, target)


def test_nobody_is_made_up_by_asking(office):
    before = office.export()
    with pytest.raises(UnknownPersonError) as caught:
        office.export("nobody@acme.org")

    assert "nobody@acme.org" not in str(caught.value)
    assert office.export()["tables"] == before["tables"]
