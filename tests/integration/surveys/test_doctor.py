"""What the doctor says of a directory and of a channel, in words that name nobody."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.doctor_people import examine_people, examine_surveys
from roosevelt_pipeline.settings import PROJECT_ROOT, Settings
from tests.integration.surveys.receivers import slack


@pytest.fixture
def people(tmp_path):
    def of(text: str, mode: int = 0o600) -> Settings:
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return Settings(people={"directory": path})

    return of


def verdicts(checks):
    return [(check.verdict, check.message) for check in checks]


def test_a_sound_directory_is_counted(people):
    settings = people("emails,opted_in\na@acme.org,2026-01-05\nb@acme.org,\n")

    assert verdicts(examine_people(settings)) == [("good", "2 people in people.csv, 1 take part")]


def test_rows_that_cannot_be_used_are_named_by_row_and_column(people):
    ((verdict, message),) = verdicts(examine_people(people("emails,time_zone\na@acme.org,Middle/Earth\n")))

    assert verdict == "odd"
    assert "people.csv:2: time_zone: is no time zone" in message
    assert "acme" not in message


def test_a_directory_that_others_may_read_is_odd(people):
    settings = people("emails\na@acme.org\n", 0o644)

    assert ("odd", f"others on this machine may read {settings.people.directory}") in verdicts(examine_people(settings))


def test_a_directory_inside_of_the_repository_is_odd():
    inside = Path(PROJECT_ROOT) / "tests" / "integration" / "surveys" / "people-for-doctor.csv"
    inside.write_text("emails\na@acme.org\n", encoding="utf-8")
    try:
        found = verdicts(examine_people(Settings(people={"directory": inside})))
    finally:
        inside.unlink()
    assert ("odd", f"{inside} lies inside of the repository") in found


def test_a_directory_that_is_not_there_is_bad(tmp_path):
    (check,) = examine_people(Settings(people={"directory": tmp_path / "none.csv"}))

    assert (check.verdict, bool(check.remedy)) == ("bad", True)
    assert "No such file" in check.message


def test_a_channel_is_tried_without_sending_anything(people):
    with slack() as fake:
        settings = people("emails\na@acme.org\n").model_copy(
            update={"surveys": Settings(surveys={"channel": "slack", "address": "https://s.example",
                                                 "slack_api_url": fake.url}).surveys}
        )  # fmt: skip
        assert [check.verdict for check in examine_surveys(settings)] == ["bad"]  # no token
        settings = settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-1")})
        assert [check.verdict for check in examine_surveys(settings)] == ["good"]
        fake.script = {"auth.test": ["invalid_auth"]}
        (check,) = examine_surveys(settings)
    assert (check.verdict, fake.messages) == ("bad", [])
    assert "xoxb" not in check.message + check.remedy
