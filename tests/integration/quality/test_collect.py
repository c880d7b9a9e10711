"""Coverage and lines through the real protocols: artifacts with their detour to storage, Codecov, dropped files."""

import uuid
from datetime import date

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.quality import collect_coverage, collect_lines, import_coverage
from roosevelt_pipeline.sandbox.codecov import TOKEN
from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.sandbox.coverage import builds_of, lines_of
from roosevelt_pipeline.settings import QualitySettings, Settings
from roosevelt_pipeline.sources.quality.errors import QualityError
from tests.support.pipeline import RunningCompany, rows, running_company

REPORT = b'<coverage lines-valid="200" lines-covered="150" timestamp="1772000000"/>'
READ = """
    select payload ->> 'sha' as sha, (payload ->> 'lines_valid')::int as valid,
        (payload ->> 'lines_covered')::int as covered
    from raw.coverage_reports
    where payload ->> 'repository' = '{}' and payload ->> 'source' = '{}'
"""


@pytest.fixture(scope="module")
def company():
    with running_company(Company.of_days(7, date(2026, 3, 2), 21)) as running:
        yield running


def settings(company: RunningCompany, folder, codecov: str | None = None, **more) -> Settings:
    quality = QualitySettings(folder=folder, codecov_url=company.url, **more)
    token = SecretStr(codecov) if codecov else None
    return company.settings.model_copy(update={"quality": quality, "codecov_token": token})


def truth(company: RunningCompany, name: str):
    repository = next(doc for doc in company.state.store.docs("select doc from repositories") if doc["name"] == name)
    return repository, builds_of(company.state.store, repository)


def read(warehouse, repository: str, source: str) -> set[tuple[str, int, int]]:
    return {(row["sha"], row["valid"], row["covered"]) for row in rows(warehouse, READ.format(repository, source))}


def test_artifacts_tell_what_the_builds_measured(company, fresh_warehouse, tmp_path):
    found = collect_coverage(settings(company, tmp_path, artifacts_per_run=500), fresh_warehouse, uuid.uuid4())

    assert found.failures == []
    for name in ("platform", "storefront", "search"):
        builds = truth(company, name)[1]
        measured = {(one.sha, one.lines_valid, one.lines_covered) for one in builds}
        assert read(fresh_warehouse, name, "artifact") == measured
        assert len(builds) > 3


def test_what_is_known_is_not_downloaded_again_and_a_run_downloads_no_more_than_it_may(
    company, fresh_warehouse, tmp_path
):
    few = settings(company, tmp_path, artifacts_per_run=2)
    first = collect_coverage(few, fresh_warehouse, uuid.uuid4())
    company.state.journal.reset()
    second = collect_coverage(few, fresh_warehouse, uuid.uuid4())

    names = [doc["name"] for doc in company.state.store.docs("select doc from repositories")]
    with_builds = sum(bool(truth(company, name)[1]) for name in names)
    assert first.landed.versions <= 2 * with_builds
    assert (second.landed.versions, second.failures) == (0, [])


def test_the_token_does_not_travel_to_storage(company, fresh_warehouse, tmp_path):
    """Storage answers 400 to whoever shows it GitHub's token; everything landed, so nobody did."""
    import requests

    from roosevelt_pipeline.sandbox.rest_api.artifacts import STORAGE, signature

    repository, builds = truth(company, "platform")
    place = f"{STORAGE}/{repository['id']}/{builds[0].run_id * 10 + 1}"
    address = f"{company.url}{place}?sig={signature(place)}"

    assert requests.get(address, headers={"Authorization": "Bearer x"}, timeout=10).status_code == 400
    assert requests.get(address, timeout=10).status_code == 200
    assert collect_coverage(settings(company, tmp_path), fresh_warehouse, uuid.uuid4()).failures == []


def test_codecov_tells_the_same_of_each_commit_and_then_only_what_is_new(company, fresh_warehouse, tmp_path):
    asked = settings(company, tmp_path, TOKEN, artifacts_per_run=0)
    first = collect_coverage(asked, fresh_warehouse, uuid.uuid4())
    second = collect_coverage(asked, fresh_warehouse, uuid.uuid4())

    by_sha = {one.sha: one for one in reversed(truth(company, "storefront")[1])}
    assert read(fresh_warehouse, "storefront", "codecov") == {
        (one.sha, one.lines_valid, one.lines_covered) for one in by_sha.values()
    }
    assert (first.failures, second.failures, second.landed.versions) == ([], [], 0)


def test_a_token_that_codecov_does_not_accept_is_named_for_each_repository_and_artifacts_land(
    company, fresh_warehouse, tmp_path
):
    found = collect_coverage(settings(company, tmp_path, "wrong", artifacts_per_run=1), fresh_warehouse, uuid.uuid4())

    assert found.landed.versions > 0
    assert all("CODECOV_TOKEN" in line and "wrong" not in line for line in found.failures)
    assert found.failures


def test_without_a_token_codecov_is_not_asked_and_that_is_said(company, fresh_warehouse, tmp_path):
    found = collect_coverage(settings(company, tmp_path, artifacts_per_run=0), fresh_warehouse, uuid.uuid4())

    assert found.skipped == ["CODECOV_TOKEN is not set, so Codecov was not read"]


def test_dropped_reports_land_and_go_to_done_and_a_bad_one_to_rejected_with_why(company, fresh_warehouse, tmp_path):
    folder = tmp_path / "mobile-sdk"
    folder.mkdir()
    (folder / "good.xml").write_bytes(REPORT)
    (folder / "bad.xml").write_bytes(b"<html/>")

    found = collect_coverage(settings(company, tmp_path, artifacts_per_run=0), fresh_warehouse, uuid.uuid4())

    assert read(fresh_warehouse, "mobile-sdk", "file") == {(None, 200, 150)}
    assert len(found.failures) == 1
    assert (folder / "done" / "good.xml").exists()
    assert "its root is not <coverage>" in (folder / "rejected" / "bad.xml.txt").read_text()
    assert [path.name for path in folder.iterdir() if path.is_file()] == []


def test_one_file_is_imported_once(fresh_warehouse, tmp_path):
    file = tmp_path / "coverage.xml"
    file.write_bytes(REPORT)

    first = import_coverage(fresh_warehouse, file, "web", uuid.uuid4(), sha="abc")
    again = import_coverage(fresh_warehouse, file, "web", uuid.uuid4(), sha="abc")

    assert (first.versions, again.versions) == (1, 0)
    with pytest.raises(QualityError, match="No such file"):
        import_coverage(fresh_warehouse, tmp_path / "none.xml", "web", uuid.uuid4())


def test_lines_are_estimated_from_githubs_languages_or_counted_where_a_checkout_is_given(
    company, fresh_warehouse, tmp_path
):
    (tmp_path / "a.py").write_text("# a comment\n\nx = 1\ny = 2\n")

    found = collect_lines(settings(company, tmp_path, checkouts={"search": tmp_path}), fresh_warehouse, uuid.uuid4())

    said = {
        row["repository"]: (row["lines"], row["method"])
        for row in rows(
            fresh_warehouse,
            "select payload ->> 'repository' as repository, (payload ->> 'lines')::int as lines, "
            "payload ->> 'method' as method from raw.repository_lines",
        )
    }
    assert found.failures == []
    assert said.pop("search") == (2, "checkout")
    assert said == {
        doc["name"]: (lines_of(doc), "github_languages")
        for doc in company.state.store.docs("select doc from repositories")
        if doc["name"] != "search"
    }
