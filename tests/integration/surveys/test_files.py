"""Files of answers, from the folder or the command line, to raw."""

import os
import time
import tracemalloc

import pytest

from roosevelt_pipeline.sources.imports.errors import ImportFileError
from roosevelt_pipeline.surveys.files import import_answers

HEADER = "respondent,answered_at,nps_score,satisfaction_score,feedback"


def test_an_answer_lands_under_the_respondents_surrogate_and_its_text_sealed_and_apart(office):
    tally, told = office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,Fewer meetings\n")

    assert (tally.new, tally.rejected, told) == (1, 0, [])
    assert office.scores() == [("2026-Q1", "2026-03-02", 9, 4)]
    assert office.texts() == ["Fewer meetings"]
    ((sealed,),) = office.rows("select sealed from survey.feedback")
    assert b"meetings" not in bytes(sealed)
    ((respondent,),) = office.rows("select payload ->> 'survey_user_id' from raw.survey_answers")
    assert respondent not in str(office.rows("select user_id from raw.participants"))


def test_who_agreed_to_be_linked_answers_under_the_surrogate_of_the_account(office):
    office.import_(f"{HEADER}\nbram@acme.org,2026-03-02,9,4,\n")

    assert office.rows("select payload ->> 'survey_user_id' from raw.survey_answers") == [
        (str(office.surrogate("github", "12")),)
    ]


def test_a_respondent_may_be_named_by_the_directorys_survey_id(office):
    tally, _ = office.import_(f"{HEADER}\nbr-12,2026-03-02,9,4,\n")

    assert tally.new == 1


def test_of_people_who_do_not_take_part_or_whom_nobody_knows_nothing_is_kept(office):
    known = office.rows("select count(*) from vault.persons")

    tally, told = office.import_(
        f"{HEADER}\ndave@acme.org,2026-03-02,1,1,No thanks\nstranger@acme.org,2026-03-02,1,1,Who am I\n"
    )

    assert (tally.not_participating, tally.new, told) == (2, 0, [])
    assert office.scores() == office.texts() == office.rows("select 1 from raw.rejected_records") == []
    assert office.rows("select count(*) from vault.persons") == known


def test_an_answer_from_before_somebody_opted_in_is_not_kept(office):
    tally, _ = office.import_(f"{HEADER}\nanouk@acme.org,2025-12-31,9,4,\n")

    assert (tally.not_participating, tally.new) == (1, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_latest_answer_of_a_person_and_quarter_counts_in_whatever_order_they_come(office, order):
    rows = ["anouk@acme.org,2026-03-02T10:00Z,3,2,First", "anouk@acme.org,2026-03-09T10:00Z,8,4,Second"]
    text = "\n".join([HEADER, *(rows[place] for place in order), ""])

    office.import_(text)
    office.import_(text)

    assert office.scores() == [("2026-Q1", "2026-03-09", 8, 4)]
    assert office.texts() == ["Second"]


def test_a_later_answer_without_a_text_takes_the_earlier_text_away(office):
    office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,3,2,Angry\n")
    office.import_(f"{HEADER}\nanouk@acme.org,2026-03-09,8,4,\n")
    office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,3,2,Angry\n")

    assert office.scores() == [("2026-Q1", "2026-03-09", 8, 4)]
    assert office.texts() == []


def test_each_quarter_has_an_answer_of_its_own(office):
    office.import_(f"{HEADER}\nanouk@acme.org,2026-03-31,3,2,\nanouk@acme.org,2026-04-01,8,4,\n")

    assert [row[0] for row in office.scores()] == ["2026-Q1", "2026-Q2"]


def test_the_same_file_again_changes_nothing(office):
    text = f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,Text\nbram@acme.org,2026-03-02,7,,\n"
    office.import_(text)
    before = office.rows("select * from raw.survey_answers order by 1")

    tally, _ = office.import_(text)

    assert (tally.new, tally.changed, tally.unchanged) == (0, 0, 2)
    assert office.rows("select * from raw.survey_answers order by 1") == before
    assert office.rows("select count(*) from survey.feedback") == [(1,)]


def test_a_file_tells_who_was_asked_and_with_it_who_did_not_answer(office):
    tally, _ = office.import_(
        "respondent,invited_at,answered_at,nps_score\nanouk@acme.org,2026-01-05,2026-01-09,9\n"
        "carol@acme.org,2026-01-05,,\ndave@acme.org,2026-01-05,,\n"
    )

    assert (tally.new, tally.unanswered, tally.not_participating) == (1, 1, 1)
    assert (
        office.rows("select quarter, channel, invited_at::date::text from raw.survey_invitations")
        == [("2026-Q1", "other", "2026-01-05")] * 2
    )


def test_a_bad_row_is_told_by_file_row_and_column_and_the_rest_lands(office):
    tally, told = office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,12,4,\nbram@acme.org,2026-03-02,9,4,\n")

    assert told == ["answers.csv:2: nps_score: is no whole number from 0 to 10"]
    assert (tally.new, tally.rejected) == (1, 1)
    assert office.rows("select stream, reason, record from raw.rejected_records") == [
        (
            "survey_answers",
            "nps_score: is no whole number from 0 to 10",
            {"file": "answers.csv", "line": 2, "column": "nps_score"},
        )
    ]


def test_a_dry_run_says_everything_and_keeps_nothing(office):
    tally, _ = office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,Text\n", dry_run=True)

    assert tally.new == 1
    assert office.scores() == office.texts() == []


def test_excel_is_read_as_it_writes(office):
    office.settings = office.settings.model_copy(
        update={
            "imports": office.settings.imports.model_copy(
                update={
                    "surveys": office.settings.imports.surveys.model_copy(
                        update={"dates": "day-month-year", "columns": {"feedback": "Wünsche", "respondent": "E-Mail"}}
                    )
                }
            )
        }
    )
    office.drop(
        "mit bom.csv",
        "\ufeffE-Mail;answered_at;nps_score;satisfaction_score;Wünsche\r\n"
        'anouk@acme.org;2-3-2026;8,0;4,0;"Zwei\nZeilen; und ein ""Wort"""\r\n',
    )
    office.drop(
        "windows.csv",
        "E-Mail;answered_at;nps_score;satisfaction_score;Wünsche\r\nbram@acme.org;02.03.2026;9;5;Größe – „gut“ €\r\n",
        "cp1252",
    )

    collected = office.collect()

    assert collected.notes == []
    assert office.scores() == [("2026-Q1", "2026-03-02", 8, 4), ("2026-Q1", "2026-03-02", 9, 5)]
    assert sorted(office.texts()) == ["Größe – „gut“ €", 'Zwei\nZeilen; und ein "Wort"']


def test_exports_of_forms_are_told_by_their_names(new_office):
    office = new_office(
        formats=[
            {
                "files": ["responses-*.csv"],  # Typeform
                "timezone": "UTC",
                "columns": {
                    "respondent": "email", "answered_at": "Submit Date (UTC)", "nps_score": "Would you recommend us?",
                    "satisfaction_score": "How satisfied are you?", "feedback": "What should change?",
                },
            },
            {
                "files": ["*(Responses)*.csv"],  # Google Forms
                "columns": {
                    "respondent": "Username", "answered_at": "Timestamp", "nps_score": "Recommend",
                    "satisfaction_score": "Satisfied", "feedback": "Anything else",
                },
            },
        ]
    )  # fmt: skip
    office.drop(
        "responses-x1.csv",
        "#,email,Would you recommend us?,How satisfied are you?,What should change?,Submit Date (UTC),Network ID\n"
        "k2,anouk@acme.org,8,4,Coffee,2026-03-02 10:00:00,fe80\n",
    )
    office.drop(
        "Pulse (Responses) - Form Responses 1.csv",
        "Timestamp,Username,Recommend,Satisfied,Anything else\n2026/03/02 10:11:12 AM GMT+1,bram@acme.org,9,5,\n",
    )

    assert office.collect().notes == []
    assert [row[2:] for row in office.scores()] == [(8, 4), (9, 5)]


def test_a_file_without_faults_is_done_and_one_with_them_is_rejected_with_a_report(office):
    office.drop("good.csv", f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,\n")
    office.drop("bad.csv", f"{HEADER}\nbram@acme.org,2026-03-02,9,9,\ncarol@acme.org,2026-03-02,7,3,\n")

    collected = office.collect()

    assert sorted(path.name for path in office.inbox.iterdir()) == ["done", "rejected"]
    (report,) = (office.inbox / "rejected").glob("*-bad.csv.report.txt")
    assert "bad.csv:2: satisfaction_score: is no whole number from 1 to 5" in report.read_text(encoding="utf-8")
    assert len(list((office.inbox / "done").glob("*-good.csv"))) == 1
    assert len(office.scores()) == 2  # what was not rejected has landed
    assert collected.notes == ["bad.csv: 1 rows were rejected; see the report beside it in rejected"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\x00", "is a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no text"),
        (b"", "empty"),
        (b"name,age\na,1\n", "no column respondent, answered_at"),
        (b"respondent,answered_at,nps_score,nps_score\na,b,1,2\n", "stands there twice"),
    ],
)
def test_a_file_that_is_no_table_of_answers_is_rejected_as_a_whole(office, content, said):
    office.drop("odd.csv", content)

    (note,) = office.collect().notes

    assert said in note
    assert str(office.inbox) not in note
    (report,) = (office.inbox / "rejected").glob("*.report.txt")
    assert said in report.read_text(encoding="utf-8")


def test_a_file_that_is_still_being_written_waits(office):
    (office.inbox / "new.csv").write_text(f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,\n", encoding="utf-8")

    assert office.collect().files == 0
    assert (office.inbox / "new.csv").exists()


def test_a_file_that_somebody_goes_on_writing_while_it_is_read_stays_until_all_of_it_is_there(office, monkeypatch):
    path = office.drop("slow.csv", f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,\nbram@acme.org,2026-0")

    def import_and_meanwhile_write(*args, **more):
        tally = import_answers(*args, **more)
        with path.open("a", encoding="utf-8") as file:
            file.write("3-02,7,3,\n")
        return tally

    with monkeypatch.context() as patch:
        patch.setattr("roosevelt_pipeline.surveys.inbox.import_answers", import_and_meanwhile_write)
        assert office.collect().files == 0
    assert [one.name for one in office.inbox.iterdir()] == ["slow.csv"]

    os.utime(path, (time.time() - 60, time.time() - 60))
    collected = office.collect()
    assert (collected.files, collected.notes) == (1, [])
    assert [row[2:] for row in office.scores()] == [(7, 3), (9, 4)]


def test_files_that_were_taken_in_do_not_stay_for_ever(new_office):
    office = new_office(keep_files_days=0)
    office.drop("good.csv", f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,\n")

    office.collect()

    assert list((office.inbox / "done").iterdir()) == []


def test_written_feedback_goes_when_its_time_is_over_and_the_scores_stay(office):
    office.import_(f"{HEADER}\nanouk@acme.org,2026-03-02,9,4,Old words\n")
    with office.warehouse.connect(autocommit=True) as connection:
        connection.execute("update survey.feedback set delete_after = now() - interval '1 minute'")

    assert office.collect().texts_deleted == 1
    assert office.texts() == []
    assert len(office.scores()) == 1


def test_a_text_that_is_older_than_texts_are_kept_is_not_kept_at_all(new_office):
    office = new_office(feedback_days=90)
    office.import_(f"{HEADER}\nanouk@acme.org,2026-01-05,9,4,Very old words\n")

    assert len(office.scores()) == 1
    assert office.texts() == []


def test_a_file_that_is_not_there_is_named(office):
    from roosevelt_pipeline.settings import SurveyImport
    from roosevelt_pipeline.surveys.files import import_answers

    with pytest.raises(ImportFileError, match=r"nowhere\.csv: No such file"):
        import_answers(office.settings, office.warehouse, "nowhere.csv", SurveyImport())


def test_a_long_file_needs_no_more_memory_than_a_short_one(office):
    def peak(rows):
        text = office.folder / "long.csv"
        with text.open("w", encoding="utf-8") as file:
            file.write(HEADER + "\n")
            file.writelines(f"nobody{number}@acme.org,2026-03-02,5,3,\n" for number in range(rows))
        from roosevelt_pipeline.settings import SurveyImport
        from roosevelt_pipeline.surveys.files import import_answers

        tracemalloc.start()
        tally = import_answers(office.settings, office.warehouse, str(text), SurveyImport())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert tally.not_participating == rows
        return most

    assert peak(7_000) < 1.3 * peak(2_000)
