"""What the simulated company's people answer, and the files that they hand out."""

import csv
import io
from datetime import date

import pytest

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.handouts import answers_file, directory_file, hand_out, quarters
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import truth

COMPANY = Company(seed=7, start=date(2026, 3, 2), end=date(2026, 4, 20))


@pytest.fixture(scope="module")
def store():
    made = Store.open(None)
    play(COMPANY, made)
    return made


def test_people_are_asked_in_each_quarter_also_in_the_one_they_were_founded_in(store):
    assert quarters(store) == ["2026-Q1", "2026-Q2"]


def test_most_take_part_and_most_of_those_answer_but_not_all(store):
    people, asked = list(store.each("people")), [one for one in truth(store).surveys if one.quarter == "2026-Q1"]

    assert 0.6 * len(people) < len(asked) < len(people)
    answered = [one for one in asked if one.answered_at]
    assert 0.5 * len(asked) < len(answered) < len(asked)
    assert all(1 <= one.satisfaction_score <= 5 for one in answered)
    assert all(one.nps_score is None or 0 <= one.nps_score <= 10 for one in answered)


def test_an_answer_file_holds_everything_that_was_answered_and_who_is_silent(store):
    text = answers_file(store, "2026-Q1").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))

    answers = [one for one in store.each("survey_answers") if one["quarter"] == "2026-Q1"]
    silent = [one for one in truth(store).surveys if one.quarter == "2026-Q1" and one.answered_at is None]
    assert len([row for row in rows if row["Ingevuld"]]) == len(answers)
    assert len([row for row in rows if not row["Ingevuld"]]) == len(silent)


def test_one_more_day_changes_nothing_of_what_was_answered(store):
    longer = Store.open(None)
    play(Company(COMPANY.seed, COMPANY.start, date(2026, 4, 21)), longer)

    def before(made):
        return [one for one in made.each("survey_answers", "id") if one["answered_at"] < "2026-04-20"]

    assert before(longer) == before(store)
    assert directory_file(longer) == directory_file(store)


def test_files_are_handed_out_once_and_again_only_when_there_is_more(store, tmp_path):
    first = hand_out(store, tmp_path)
    (tmp_path / "surveys" / "pulse-2026-Q1.csv").unlink()

    assert {path.name for path in first} == {"people.csv", "pulse-2026-Q1.csv", "pulse-2026-Q2.csv"}
    assert hand_out(store, tmp_path) == []
    assert not (tmp_path / "surveys" / "pulse-2026-Q1.csv").exists()
