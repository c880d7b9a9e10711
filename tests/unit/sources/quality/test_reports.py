"""Coverage reports as coverage.py really writes them, and as an attacker might."""

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from roosevelt_pipeline.sources.quality.archives import read_archive
from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.sources.quality.lines import count_checkout
from roosevelt_pipeline.sources.quality.reports import read_report

# Nine lines that can be reached: def, if, return, return; def, return; the import and the two calls.
SHOP = '''"""A shop."""


def price(count):
    if count > 10:
        return count * 9
    return count * 10


def refund(count):
    return -price(count)
'''
RUN = "import shop\n\nassert shop.price(1) == 10\n"
FILES = ("coverage*.xml", "*.lcov")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small project whose tests reach 4 of the 6 lines of shop.py, and all 2 of run.py."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "shop.py").write_text(SHOP)
    (folder / "run.py").write_text(RUN)
    for arguments in (["run", "--source=.", "run.py"], ["xml", "-q"], ["lcov", "-q"]):
        subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(("name", "format_"), [("coverage.xml", "cobertura"), ("coverage.lcov", "lcov")])
def test_both_formats_tell_the_same_of_the_same_run(project, name, format_):
    """shop.py: def, if, return, return, def, return: the tenfold is reached and two are not. run.py: both."""
    found = read_report(name, (project / name).read_bytes())

    assert (found.format, found.lines_valid, found.lines_covered) == (format_, 8, 6)


def test_cobertura_tells_when_it_was_measured(project):
    found = read_report("coverage.xml", (project / "coverage.xml").read_bytes())

    assert found.measured_at is not None
    assert abs((datetime.now(UTC) - found.measured_at).total_seconds()) < 600


def test_a_line_that_two_classes_list_counts_once():
    lines = '<lines><line number="1" hits="{}"/><line number="2" hits="0"/></lines>'
    classes = "".join(f'<class filename="a.java">{lines.format(hits)}</class>' for hits in (0, 3))
    body = f"<coverage><packages><package><classes>{classes}</classes></package></packages></coverage>"

    found = read_report("c.xml", body.encode())

    assert (found.lines_valid, found.lines_covered) == (2, 1)


def test_sums_of_the_root_hold_where_no_lines_are_listed():
    found = read_report("c.xml", b'<coverage lines-valid="200" lines-covered="150" timestamp="1772000000000"/>')

    assert (found.lines_valid, found.lines_covered) == (200, 150)
    assert found.measured_at == datetime.fromtimestamp(1_772_000_000, UTC)


def test_a_line_that_two_tests_reach_counts_once_in_lcov():
    found = read_report("l.info", b"TN:a\nSF:x.c\nDA:1,0\nDA:2,5\nend_of_record\nTN:b\nSF:x.c\nDA:1,2\nend_of_record\n")

    assert (found.lines_valid, found.lines_covered) == (2, 2)


BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<coverage>&b;</coverage>"
)
FILE = b'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/passwd">]><coverage>&a;</coverage>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BILLION, "declares entities"),
        (FILE, "declares entities"),
        (b"<coverage", "not sound XML"),
        (b"<html/>", "its root is not <coverage>"),
        (b"<coverage/>", "no lines"),
        (b'<coverage lines-valid="10" lines-covered="11"/>', "11 of 10"),
        (b'<coverage lines-valid="ten" lines-covered="1"/>', "is no count"),
        (b"SF:a\nDA:one,1\n", "line 2"),
        (b"SF:a\nDA:1,x\n", "is no count"),
        (b"TN:\n", "no lines"),
        (b"\x89PNG", "neither Cobertura XML nor LCOV"),
        (b"", "neither Cobertura XML nor LCOV"),
        (b" " * (64 * 1024 * 1024 + 1), "larger than 64 MB"),
    ],
)
def test_what_is_no_sound_report_is_refused_with_a_reason_that_names_the_file(body, said):
    with pytest.raises(QualityError, match=r"report\.xml") as refusal:
        read_report("report.xml", body)

    assert said in str(refusal.value)


def test_a_doctype_without_entities_as_cobertura_itself_writes_it_is_read():
    body = (
        b'<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'
        b'<coverage lines-valid="4" lines-covered="3"/>'
    )

    assert read_report("c.xml", body).lines_covered == 3


def zipped(**files: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), body)
    return target.getvalue()


def test_reports_of_parts_in_one_artifact_add_up():
    part = b'<coverage lines-valid="%d" lines-covered="%d"/>'
    body = zipped(a__coverage_xml=part % (100, 50), b__coverage_xml=part % (300, 300), readme=b"no report")

    found = read_archive("artifact 1", body, FILES)

    assert found is not None
    assert (found.lines_valid, found.lines_covered) == (400, 350)


def test_an_artifact_without_reports_is_none():
    assert read_archive("artifact 1", zipped(readme=b"hello"), FILES) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04 and no more", "not a zip"),
        (b"", "not a zip"),
        (zipped(coverage_xml=b" " * 10_000_000), "unpacks to 10000000 bytes"),
    ],
)
def test_an_archive_that_is_none_or_a_bomb_is_refused(body, said):
    with pytest.raises(QualityError, match="artifact 1") as refusal:
        read_archive("artifact 1", body, FILES)

    assert said in str(refusal.value)


def test_lines_of_a_checkout_are_those_that_hold_code(project):
    """shop.py has six lines of code and a docstring, run.py two. What coverage wrote is no code of the project."""
    for written in ("coverage.xml", "coverage.lcov"):
        (project / written).rename(project.parent / f"{project.name}-{written}")

    assert count_checkout(project) == 8


def test_a_folder_without_code_is_refused(tmp_path):
    with pytest.raises(QualityError, match="no line of code"):
        count_checkout(tmp_path)
    with pytest.raises(QualityError, match="no such folder"):
        count_checkout(tmp_path / "nowhere")
