"""Measures of code to raw: coverage from artifacts, Codecov, dropped files; lines from checkouts or GitHub's languages.

One source or repository that fails is named and stops nobody else.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from roosevelt_pipeline.collection import github_client
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.heads import living_keys
from roosevelt_pipeline.warehouse.landing import Landed, land_page
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

if TYPE_CHECKING:
    from roosevelt_pipeline.sources.github.client import GitHubClient
    from roosevelt_pipeline.sources.github.repositories import Repository
    from roosevelt_pipeline.warehouse.landing import Connection

COVERAGE, LINES = "coverage_reports", "repository_lines"
PAGE = 50
MOST_FILES = 1_000


@dataclass
class Collected:
    """What was measured, and what could not be."""

    landed: Landed = field(default_factory=Landed)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def collect_coverage(settings: Settings, warehouse: Warehouse, run_id: UUID) -> Collected:
    """Land coverage from artifacts, from Codecov where a token is set, and from the folder of dropped files.

    Raises:
        GitHubError: the organisation cannot be read.
        DatabaseError: the warehouse cannot be used.
    """
    collected = Collected()
    with (
        github_client(settings, warehouse, f"run {str(run_id)[:8]}") as client,
        warehouse.connect(Role.INGEST, autocommit=True) as connection,
    ):
        land = _Landing(connection, run_id, collected)
        repositories = _repositories(client, settings)
        for repository in repositories:
            land.all(repository.name, partial(_artifacts, client, connection, repository, settings))
        _codecov(settings, connection, repositories, land)
        _dropped(settings, land)
    return collected


def collect_lines(settings: Settings, warehouse: Warehouse, run_id: UUID) -> Collected:
    """Count or estimate the lines of each repository.

    Raises:
        GitHubError: the organisation cannot be read.
        DatabaseError: the warehouse cannot be used.
    """
    from roosevelt_pipeline.sources.quality.lines import COUNTED, count_checkout, estimate_lines
    from roosevelt_pipeline.sources.quality.records import lines_record

    collected, now = Collected(), datetime.now(UTC)
    with (
        github_client(settings, warehouse, f"run {str(run_id)[:8]}") as client,
        warehouse.connect(Role.INGEST, autocommit=True) as connection,
    ):
        land = _Landing(connection, run_id, collected, LINES)

        def lines(repository: "Repository") -> Iterator[Record]:
            if folder := settings.quality.checkouts.get(repository.name):
                yield lines_record(repository.name, count_checkout(folder), COUNTED, now, {})
            elif record := estimate_lines(client, repository):
                yield record

        for repository in _repositories(client, settings):
            land.all(repository.name, partial(lines, repository))
    return collected


def import_coverage(warehouse: Warehouse, path: Path, repository: str, run_id: UUID, sha: str | None = None) -> Landed:
    """Land one report from a file. The same file again changes nothing.

    Args:
        repository: its name, without owner.

    Raises:
        QualityError: the file cannot be read, or is no report.
        DatabaseError: the warehouse cannot be used.
    """
    record = _from_file(path, repository, sha)
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        return land_page(connection, COVERAGE, repository, [record], datetime.now(UTC), run_id, source="quality")


def drop_folder(settings: Settings) -> Path:
    """Where reports are dropped, in a folder for each repository."""
    return settings.quality.folder or home() / "coverage"


class _Landing:
    """Lands what a source yields, page by page; a source that fails is noted by name."""

    def __init__(self, connection: "Connection", run_id: UUID, collected: Collected, stream: str = COVERAGE) -> None:
        self._connection, self._run_id, self._stream, self.collected = connection, run_id, stream, collected

    def all(self, scope: str, source: Callable[[], Iterable[Record | Reject]]) -> bool:
        """Whether everything landed."""
        from roosevelt_pipeline.sources.github.errors import GitHubError

        page: list[Record | Reject] = []
        try:
            for one in source():
                page.append(one)
                if len(page) == PAGE:
                    self._land(scope, page)
                    page = []
        except (QualityError, GitHubError) as error:
            self.collected.failures.append(str(error))
            return False
        finally:
            self._land(scope, page)
        return True

    def _land(self, scope: str, page: Sequence[Record | Reject]) -> None:
        if page:
            records = [one for one in page if isinstance(one, Record)]
            rejects = [one for one in page if isinstance(one, Reject)]
            self.collected.landed += land_page(
                self._connection, self._stream, scope, records, datetime.now(UTC), self._run_id,
                rejects=rejects, source="quality",
            )  # fmt: skip


def _repositories(client: "GitHubClient", settings: Settings) -> list["Repository"]:
    from roosevelt_pipeline.sources.github.repositories import list_repositories

    return [one for one in list_repositories(client, settings) if one.is_wanted(settings)]


def _artifacts(
    client: "GitHubClient", connection: "Connection", repository: "Repository", settings: Settings
) -> Iterator[Record | Reject]:
    from roosevelt_pipeline.sources.quality.artifacts import collect_artifacts

    known = living_keys(connection, COVERAGE, repository.name)
    yield from collect_artifacts(client, repository, settings.quality, known, settings.quality.request_timeout_seconds)


def _codecov(
    settings: Settings, connection: "Connection", repositories: Sequence["Repository"], land: _Landing
) -> None:
    from roosevelt_pipeline.sources.quality.codecov import CodecovClient, collect_codecov

    token = settings.codecov_token
    if token is None or not token.get_secret_value().strip():
        land.collected.skipped.append("CODECOV_TOKEN is not set, so Codecov was not read")
        return
    client = CodecovClient(token, settings.quality.codecov_url, settings.quality.request_timeout_seconds)
    try:
        for one in repositories:
            if one.default_branch:
                known = living_keys(connection, COVERAGE, one.name)
                branch = one.default_branch
                land.all(one.name, partial(collect_codecov, client, one.owner, one.name, branch, known))
    finally:
        client.close()


def _dropped(settings: Settings, land: _Landing) -> None:
    """Reports in ``<folder>/<repository>/``; each goes to ``done`` once it landed, else to ``rejected`` with why."""
    folder = drop_folder(settings)
    files = sorted(path for path in folder.glob("*/*") if path.is_file())[:MOST_FILES] if folder.is_dir() else []
    for path in files:
        repository = path.parent.name
        before = len(land.collected.failures)
        landed = land.all(repository, partial(_one_file, path, repository))
        _put_away(path, None if landed else land.collected.failures[before])


def _one_file(path: Path, repository: str) -> list[Record]:
    return [_from_file(path, repository, None)]


def _put_away(path: Path, reason: str | None) -> None:
    target = path.parent / ("done" if reason is None else "rejected")
    target.mkdir(exist_ok=True)
    if reason is not None:
        (target / f"{path.name}.txt").write_text(reason + "\n", encoding="utf-8")
    path.replace(target / path.name)


def _from_file(path: Path, repository: str, sha: str | None) -> Record:
    from roosevelt_pipeline.sources.quality.records import coverage_record
    from roosevelt_pipeline.sources.quality.reports import LARGEST_BYTES, read_report

    try:
        with path.open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise QualityError(f"{path}: {error.strerror}") from None
    coverage = read_report(path.name, body)
    digest = hashlib.sha256(body).hexdigest()[:32]
    moment = iso(coverage.measured_at or written_at)
    return coverage_record(
        f"file|{repository}|{digest}", repository, coverage, source="file", sha=sha, measured_at=moment
    )
