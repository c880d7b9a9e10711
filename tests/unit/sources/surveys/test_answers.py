"""A row as forms and Excel write it to an answer, and what is said of one that does not fit."""

from datetime import UTC, date, datetime

import pytest

from roosevelt_pipeline.settings import SurveyImport
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.sources.surveys.answers import read_answer
from roosevelt_pipeline.sources.surveys.quarters import Quarter, parse_quarter, quarter_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROW = {
    "respondent": "Anouk@Acme.org",
    "answered_at": "2026-03-02T10:00:00Z",
    "nps_score": "9",
    "satisfaction_score": "4",
}

DUTCH = {"dates": "day-month-year", "timezone": "Europe/Amsterdam"}
NEW_YORK = {"timezone": "America/New_York"}


def read(settings=None, **cells):
    return read_answer(Cells(ROW | cells, SurveyImport(**(settings or {})), NOW))


def test_a_row_says_who_answered_what_when_and_for_which_quarter():
    answer = read(feedback="Fewer meetings,\r\nplease.")

    assert answer.respondent == ("email", "anouk@acme.org")
    assert (answer.answered_at, answer.answered_on) == (datetime(2026, 3, 2, 10, tzinfo=UTC), date(2026, 3, 2))
    assert (str(answer.quarter), answer.nps_score, answer.satisfaction_score) == ("2026-Q1", 9, 4)
    assert answer.feedback == "Fewer meetings,\nplease."
    assert "anouk" not in repr(answer)
    assert "meetings" not in repr(answer)


@pytest.mark.parametrize(
    ("written", "settings", "moment", "day"),
    [
        ("2026-03-02", {}, "2026-03-02T00:00", "2026-03-02"),
        ("2026-03-02 23:30", {"timezone": "America/New_York"}, "2026-03-03T04:30", "2026-03-02"),
        ("02-03-2026 14:05", DUTCH, "2026-03-02T13:05", "2026-03-02"),
        ("2.3.2026", {"dates": "day-month-year"}, "2026-03-02T00:00", "2026-03-02"),
        ("3/2/2026", {"dates": "month-day-year"}, "2026-03-02T00:00", "2026-03-02"),
        ("3/2/2026 2:05 PM", {"dates": "month-day-year", "timezone": "UTC"}, "2026-03-02T14:05", "2026-03-02"),
        ("2026/03/02 10:11:12 AM GMT+1", {}, "2026-03-02T09:11:12", "2026-03-02"),  # Google Forms' own download
        ("2026/03/02 12:11:12 AM GMT+5:30", {}, "2026-03-01T18:41:12", "2026-03-02"),
        ("2026/03/02 10:11:12 AM EST", NEW_YORK, "2026-03-02T15:11:12", "2026-03-02"),
        ("2025/11/02 1:30:00 AM EDT", NEW_YORK, "2025-11-02T05:30", "2025-11-02"),  # clocks strike one twice that night
        ("2025/11/02 1:30:00 AM EST", NEW_YORK, "2025-11-02T06:30", "2025-11-02"),
        ("2026-03-02 10:11:12", {"timezone": "UTC"}, "2026-03-02T10:11:12", "2026-03-02"),  # Typeform's
        ("2026-03-02T10:11:12.345Z", {}, "2026-03-02T10:11:12", "2026-03-02"),
    ],
)  # fmt: skip
def test_days_and_times_are_read_as_programs_write_them(written, settings, moment, day):
    answer = read(settings, answered_at=written)

    assert answer.answered_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert answer.answered_on == date.fromisoformat(day)


def test_letters_of_a_zone_must_be_those_of_the_declared_one_at_that_time():
    """In March New York's clocks show EST until the 8th, and EDT after it; CET they never show."""
    for written in ("2026/03/20 10:11:12 AM EST", "2026/03/20 10:11:12 AM CET"):
        with pytest.raises(Unfit, match="by letters that America/New_York does not have then"):
            read(NEW_YORK, answered_at=written)


@pytest.mark.parametrize(("written", "score"), [("10", 10), ("0", 0), ("8,0", 8), ("8.00", 8), (" 7 ", 7)])
def test_scores_are_whole_numbers_also_as_excel_writes_them(written, score):
    assert read(nps_score=written).nps_score == score


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("respondent", "", "is empty"),
        ("nps_score", "11", "no whole number from 0 to 10"),
        ("nps_score", "-1", "no whole number from 0 to 10"),
        ("nps_score", "8,5", "no whole number from 0 to 10"),
        ("nps_score", "=10", "no whole number from 0 to 10"),
        ("nps_score", "very", "no whole number from 0 to 10"),
        ("satisfaction_score", "0", "no whole number from 1 to 5"),
        ("satisfaction_score", "6", "no whole number from 1 to 5"),
        ("answered_at", "", "is empty"),
        ("answered_at", "yesterday", "write 2026-03-02"),
        ("answered_at", "46083", "write 2026-03-02"),  # Excel's number of a day
        ("answered_at", "02-03-2026", "imports.surveys.dates"),
        ("answered_at", "2026-03-02 10:00", "imports.surveys.timezone"),
        ("answered_at", "2026-03-02 10:00 EST", "by letters; declare which it is with imports.surveys.timezone"),
        ("answered_at", "2026-02-30", "no day of the calendar"),
        ("answered_at", "2026-06-03", "in the future"),
        ("answered_at", "1999-12-31", "before 2000"),
        ("quarter", "spring", "write 2026-Q3"),
        ("feedback", "x" * 5001, "longer than 5000"),
        ("feedback", "a\x07b", "control character"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_is_named_and_not_repeated(column, value, reason):
    with pytest.raises(Unfit, match=reason) as caught:
        read(**{column: value})
    assert caught.value.column == column
    assert not value or value not in str(caught.value)


def test_a_row_without_an_answer_is_none():
    with pytest.raises(Unfit, match="answers nothing"):
        read(nps_score="", satisfaction_score="", feedback=" ")


def test_an_open_question_leaves_its_score_unknown_and_not_zero():
    assert read(nps_score="").nps_score is None


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil.example")', "+1", "-2 for tooling", "@here", "\tindented"])
def test_a_formula_in_feedback_is_text_like_any_other(text):
    assert read(feedback=text).feedback == text.strip()


def test_a_row_may_say_that_somebody_was_asked_and_did_not_answer():
    silent = read(answered_at="", nps_score="", satisfaction_score="", invited_at="2026-01-05")

    assert (silent.is_answered, str(silent.quarter)) == (False, "2026-Q1")
    assert silent.invited_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert read(invited_at="2026-01-05").is_answered


def test_the_file_may_name_the_quarter_itself():
    assert str(read(quarter="Q4 2025").quarter) == "2025-Q4"


def test_the_words_of_a_form_are_declared_as_columns():
    settings = {"columns": {"nps_score": "How likely are you to recommend working here?", "respondent": "Username"}}
    cells = {
        "Username": "b@acme.org",
        "How likely are you to recommend working here?": "3",
        "answered_at": "2026-03-02",
    }

    answer = read_answer(Cells(cells, SurveyImport(**settings), NOW))

    assert (answer.respondent, answer.nps_score) == (("email", "b@acme.org"), 3)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", "2026-Q1"), ("2026-03-31", "2026-Q1"), ("2026-04-01", "2026-Q2"), ("2026-12-31", "2026-Q4")],
)
def test_a_quarter_is_three_months(day, quarter):
    found = quarter_of(date.fromisoformat(day))

    assert str(found) == quarter
    assert parse_quarter(quarter) == found
    assert found.first_day <= date.fromisoformat(day) < found.following.first_day


def test_the_year_ends_with_the_fourth_quarter():
    assert Quarter(2026, 4).following == Quarter(2027, 1)
