"""Files as people's programs write them."""

import io

import pytest

from roosevelt_pipeline.sources.imports.errors import ImportFileError
from roosevelt_pipeline.sources.imports.files import LONGEST_LINE, opened
from roosevelt_pipeline.sources.imports.tables import BadRow, Row, read_table

WANTED = {"service", "status", "at"}
HEADER = "service,status,at"


def read(text, name="events.csv", delimiter=None):
    rows, _ = read_table(io.StringIO(text, newline=""), name, WANTED, ["service"], delimiter)
    return list(rows)


def cells(text, **options):
    return [list(row.cells.values()) if isinstance(row, Row) else str(row.fault) for row in read(text, **options)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_byte_order_mark_says_how_to_read_and_spoils_no_column(tmp_path, encoding):
    text = f"{HEADER}\r\nBüro,ok,now\r\n"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (tmp_path / "events.csv").write_bytes(mark + text.encode(encoding))

    with opened(str(tmp_path / "events.csv")) as stream:
        rows, ignored = read_table(stream, "events.csv", WANTED, ["service"], None)
        assert list(rows) == [Row(2, {"service": "Büro", "status": "ok", "at": "now"})]
    assert ignored == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_yields_known_columns(delimiter):
    others = "".join({",", ";", "\t"} - {delimiter})

    assert cells(delimiter.join(["service", f'"a{others}b"', "at"]) + "\n" + delimiter.join("xyz")) == [["x", "y", "z"]]


def test_a_declared_delimiter_holds():
    rows, _ = read_table(io.StringIO("service;status,at\nx;y,z\n"), "e.csv", WANTED, ["at"], ",")

    assert list(rows) == [Row(2, {"service;status": "x;y", "at": "z"})]


def test_quoted_cells_may_hold_delimiters_and_line_breaks_and_lines_are_counted_on():
    rows = read(f'{HEADER}\n"a, b","two\nlines",1\nc,d,2\n')

    assert [(row.line, row.cells["service"], row.cells["status"]) for row in rows] == [
        (2, "a, b", "two\nlines"),
        (4, "c", "d"),
    ]


@pytest.mark.parametrize("told", ["sep=;", "SEP=;", '"sep=;"'])
def test_a_line_that_tells_excel_the_delimiter_is_no_header(told):
    rows = read(f"{told}\r\nservice;status;at\r\na,b;c;d\r\n")

    assert [(row.line, row.cells["service"]) for row in rows] == [(3, "a,b")]


def test_rows_of_empty_cells_are_none():
    """As Excel writes them where cells were emptied; one that lacks a cell among others is still told."""
    assert cells(f"{HEADER}\na,b,c\n,,\n , , \n,,,,\nd,,f\n") == [["a", "b", "c"], ["d", "", "f"]]


def test_a_row_of_another_width_is_refused_and_the_next_one_read():
    assert cells(f"{HEADER}\na,b\nc,d,e,f\n\ng,h,i\n") == [
        "has 2 cells where the header has 3",
        "has 4 cells where the header has 3",
        ["g", "h", "i"],
    ]


def test_a_quote_that_is_never_closed_costs_its_row_not_the_rows_before():
    found = cells(f'{HEADER}\na,b,c\nd,"e,f\ng,h,i\n')

    assert found[0] == ["a", "b", "c"]
    assert found[1].startswith("is no CSV")


def test_a_cell_or_a_line_beyond_all_measure_costs_its_row_alone():
    found = cells(f"{HEADER}\n{'x' * 200_000},b,c\n{'y' * (2 * LONGEST_LINE)},b,c\nd,e,f\n")

    assert found[0].startswith("is no CSV: field larger")
    assert found[1] == "is longer than 1,000,000 characters"
    assert found[2] == ["d", "e", "f"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("name,status\n", "no column service; its columns are: name, status"),
        ("service,status,service\n", "the column service stands there twice"),
        ('[{"service": "a"}]', "a JSON array"),
        ("s\0e\0r\0v\0", "UTF-16 without its byte order mark"),
        ("x" * (LONGEST_LINE + 1), "the first line is longer"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(text, complaint):
    with pytest.raises(ImportFileError, match=complaint) as caught:
        read(text, name="-")
    assert str(caught.value).startswith("-: ")


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ImportFileError, match=r"nowhere\.csv: No such file"), opened("nowhere.csv"):
        pass


def test_columns_that_nobody_asked_for_are_told():
    _, ignored = read_table(io.StringIO(f"{HEADER},deployed_by\n"), "x.csv", WANTED, ["service"], None)

    assert ignored == ["deployed_by"]


def test_json_lines_are_read_one_by_one():
    found = read('{"service": "a"}\n\n{broken\n[1]\n{"service": "b"}', name="-")

    assert [(row.line, row.cells["service"] if isinstance(row, Row) else row.fault.reason) for row in found] == [
        (1, "a"),
        (3, "is no JSON"),
        (4, "is no JSON object"),
        (5, "b"),
    ]


def test_a_json_line_beyond_all_measure_costs_itself_alone():
    found = read('{"service": "a"}\n' + "x" * (LONGEST_LINE + 5) + '\n{"service": "b"}\n', name="e.jsonl")

    assert [type(row) for row in found] == [Row, BadRow, Row]


def test_json_nested_without_end_is_refused_and_does_not_end_the_import():
    assert cells('{"service": "a"}\n' + "[" * 100_000 + '\n{"service": "b"}\n', name="-") == [
        ["a"], "is no JSON", ["b"],
    ]  # fmt: skip
