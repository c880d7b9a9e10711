"""The simulated company's directory and answers, through the inbox to raw, held to its truth."""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.environments import DEMO_POLICY
from roosevelt_pipeline.people import follow_people, open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.handouts import hand_out
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, create_app, serve
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import truth
from roosevelt_pipeline.settings import home, load_settings
from roosevelt_pipeline.surveys.collection import collect_answers
from roosevelt_pipeline.warehouse.connections import Role

COMPANY = Company(seed=7, start=date(2026, 3, 2), end=date(2026, 4, 20))


class Landed:
    """A company whose files have been taken in."""

    def __init__(self, warehouse, folder, company):
        self.warehouse, self.store = warehouse, Store.open(None)
        play(company, self.store)
        hand_out(self.store, folder)
        policy = load_settings(DEMO_POLICY)
        with serve(create_app(self.store, limits=UNLIMITED, now=company.ends_at)) as running:
            self.settings = policy.model_copy(
                update={
                    "github": policy.github.model_copy(update={"api_url": running.url}),
                    "github_token": SecretStr(DEFAULT_TOKEN),
                    "people": policy.people.model_copy(update={"directory": folder / "people.csv"}),
                    "surveys": policy.surveys.model_copy(update={"inbox": folder / "surveys", "feedback_days": 3650}),
                }
            )
            self.people = follow_people(self.settings, warehouse)
        self.collected = collect_answers(self.settings, warehouse, uuid4())

    def rows(self, query):
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()

    def surrogates(self):
        """Account of each surrogate that answers carry, and whether it is the account's own."""
        numbers = [one["id"] for one in self.store.each("people")]
        with self.warehouse.connect(Role.INGEST) as connection:
            found = open_vault(self.settings, connection).find(connection, [("github", str(one)) for one in numbers])
        accounts = {user_id: int(number) for (_, number), user_id in found.items()}
        return {
            str(carried): (accounts[user_id], carried == user_id)
            for user_id, carried in self.rows("select user_id, survey_user_id from raw.participants")
        }


@pytest.fixture(scope="module", params=[7, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(10, 19))])
def landed(request, new_warehouse, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("company")
        patch.setenv("ROOSEVELT_HOME", str(folder / "home"))
        yield Landed(new_warehouse(), folder, replace(COMPANY, seed=request.param))


def test_every_answer_of_the_company_is_in_raw_and_none_besides(landed):
    surrogates = landed.surrogates()
    answered = [one for one in truth(landed.store).surveys if one.answered_at]

    found = {
        (*surrogates[respondent], quarter, nps, satisfaction)
        for respondent, quarter, nps, satisfaction in landed.rows(
            "select payload ->> 'survey_user_id', payload ->> 'quarter', (payload ->> 'nps_score')::int, "
            "(payload ->> 'satisfaction_score')::int from raw.survey_answers"
        )
    }
    assert found == {
        (one.person_id, one.links_survey, one.quarter, one.nps_score, one.satisfaction_score) for one in answered
    }
    assert landed.collected.notes == landed.people.faults == []
    assert landed.collected.tally.not_participating > 0


def test_the_response_rate_can_be_had_from_who_was_asked(landed):
    asked = Counter(one.quarter for one in truth(landed.store).surveys)

    assert dict(landed.rows("select quarter, count(*) from raw.survey_invitations group by 1")) == asked


def test_what_was_written_is_there_under_the_key_alone(landed):
    keys = SurveyKeys(survey_key(landed.settings, home()))
    texts = [keys.unseal(sealed, key) for key, sealed in landed.rows("select answer_key, sealed from survey.feedback")]

    assert Counter(texts) == Counter(one.feedback for one in truth(landed.store).surveys if one.feedback)


def test_no_login_name_address_or_word_of_anybody_is_in_any_table(landed):
    everything = ""
    for schema, table in landed.rows(
        "select schemaname, tablename from pg_tables where schemaname in ('raw', 'survey', 'vault', 'ingest')"
    ):
        everything += str(landed.rows(f"select t::text from {schema}.{table} as t"))

    accounts = list(landed.store.each("accounts"))
    words = [one["feedback"] for one in landed.store.each("survey_answers") if len(one["feedback"] or "") > 12]
    personal = [one[key] for one in accounts for key in ("name", "email") if one.get(key)] + words
    assert len(personal) > 40
    assert [text for text in personal if text in everything] == []
