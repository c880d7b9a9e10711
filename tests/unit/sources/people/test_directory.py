"""The directory as people write it, and what is said of rows that cannot be used."""

from datetime import date, time

import pytest

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.people.directory import DirectoryError, read_directory

HEADER = (
    "github,github_id,emails,slack,time_zone,workday_start,workday_end,working_days,team,opted_in,opted_out,link_survey"
)


@pytest.fixture
def read(tmp_path):
    def of(text, name="people.csv", encoding="utf-8", **people):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_directory(Settings(people={"directory": path, **people}))

    return of


def test_a_row_says_who_it_is_how_the_days_are_and_since_when_the_person_takes_part(read):
    found = read(
        f"{HEADER}\nanouk,11,Anouk@Acme.org;anouk@home.example,U024BE7LH,Europe/Amsterdam,8:30,17:00,mon-thu,web,"
        "2026-01-05,,yes\n"
    )

    (anouk,) = found.members
    assert (anouk.github, anouk.github_id) == ("anouk", 11)
    assert anouk.emails == ("anouk@acme.org", "anouk@home.example")
    assert (anouk.time_zone, anouk.workday_start, anouk.workday_end) == ("Europe/Amsterdam", time(8, 30), time(17))
    assert (anouk.working_days, anouk.team) == ((1, 2, 3, 4), "web")
    assert (anouk.opted_in, anouk.opted_out, anouk.links_survey) == (date(2026, 1, 5), None, True)
    assert (found.faults, found.ignored) == ([], [])


def test_what_a_row_leaves_open_is_the_policys(read):
    (one,) = read("emails\na@acme.org\n", timezone="Asia/Tokyo", workday_end=time(16), working_days=(2, 3)).members

    assert (one.time_zone, one.workday_start, one.workday_end) == ("Asia/Tokyo", time(9), time(16))
    assert (one.working_days, one.opted_in, one.links_survey) == ((2, 3), None, False)


def test_toml_says_the_same_with_lists_and_days_of_its_own(read):
    text = """
    [[people]]
    github_id = 11
    emails = ["anouk@acme.org", "a@home.example"]
    workday_start = 08:30:00
    working_days = [1, 3, 5]
    opted_in = 2026-01-05
    link_survey = true
    """

    (one,) = read(text, "people.toml").members

    assert one.identities() == [("github", "11"), ("email", "anouk@acme.org"), ("email", "a@home.example")]
    assert (one.workday_start, one.working_days) == (time(8, 30), (1, 3, 5))
    assert (one.opted_in, one.links_survey) == (date(2026, 1, 5), True)


def test_a_file_of_a_windows_excel_is_read_with_its_semicolons_and_letters(read):
    (one,) = read("Team;E-Mail;GitHub\nZürich;j@acme.org;jgross\n", encoding="cp1252",
                  columns={"team": "Team", "emails": "E-Mail", "github": "GitHub"}).members  # fmt: skip

    assert (one.team, one.emails, one.github) == ("Zürich", ("j@acme.org",), "jgross")


@pytest.mark.parametrize(
    ("column", "value", "remedy"),
    [
        ("github", "not a login!", "no GitHub login"),
        ("github_id", "0", "no whole number from 1 on"),
        ("emails", "anouk", "no e-mail address"),
        ("slack", "@anouk", "no member id of Slack"),
        ("time_zone", "Middle/Earth", "Europe/Amsterdam"),
        ("workday_start", "noonish", "write 09:00"),
        ("workday_end", "08:00", "not after workday_start"),
        ("working_days", "fri-mon", "write mon-fri"),
        ("working_days", "someday", "write mon-fri"),
        ("opted_in", "5-1-2026", "write 2026-03-02"),
        ("link_survey", "perhaps", "means nothing we know"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_by_file_row_and_column_and_not_repeated(read, column, value, remedy):
    columns = (
        dict.fromkeys(HEADER.split(","), "") | {"emails": "b@acme.org", "workday_start": "09:00"} | {column: value}
    )

    found = read(f"{HEADER}\n{','.join(columns.values())}\n,,fine@acme.org,,,,,,,,,\n")

    (fault,) = found.faults
    assert fault.startswith(f"people.csv:2: {column}: ")
    assert remedy in fault
    assert value not in fault
    assert [one.emails for one in found.members] == [("fine@acme.org",)]


def test_a_row_that_names_nobody_is_nobody(read):
    found = read("emails,team\n,web\n")

    assert found.members == []
    assert "names neither a GitHub account nor an e-mail address" in found.faults[0]


@pytest.mark.parametrize("second", ["Anouk,,", ",11,", ",,A@acme.org"])
def test_an_account_or_address_belongs_to_one_person(read, second):
    found = read(f"github,github_id,emails\nanouk,11,a@acme.org\n{second}\n")

    assert len(found.members) == 1
    assert "people.csv:3: " in found.faults[0]
    assert "stands at row 2 already" in found.faults[0]


def test_a_column_that_nobody_asked_for_is_named(read):
    assert read("emails,salary\na@acme.org,1\n").ignored == ["salary"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("people.csv", "", "empty"),
        ("people.csv", "emails\n", "lists nobody"),
        ("people.csv", "name;age\na;1\n", "none of its columns is known"),
        ("people.toml", "people = 1", "people is no list"),
        ("people.toml", "secret-name = [", "is no TOML"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_with_its_name(read, name, text, said):
    with pytest.raises(DirectoryError, match=said) as caught:
        read(text, name)
    assert name in str(caught.value)
    assert "secret-name" not in str(caught.value)


@pytest.mark.parametrize(
    ("opted_in", "opted_out", "takes_part"),
    [
        ("2026-03-02", "", True),
        ("", "", False),
        ("2026-03-10", "", False),  # not yet
        ("2026-03-02", "2026-03-03", False),
        ("2026-03-02", "2026-03-09", True),  # until then
        ("2026-03-02", "2026-03-02", False),  # of one day the second
        ("2026-03-02", "2026-03-01", True),  # back again
    ],
)
def test_the_later_of_two_days_holds(read, opted_in, opted_out, takes_part):
    (one,) = read(f"emails,opted_in,opted_out\na@acme.org,{opted_in},{opted_out}\n").members

    assert one.takes_part_on(date(2026, 3, 5)) is takes_part
