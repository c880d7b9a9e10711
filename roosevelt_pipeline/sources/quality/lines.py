"""Lines of code: counted in a checkout, or estimated from the bytes that GitHub tells of each language."""

from pathlib import Path
from typing import Any

from pygount import ProjectSummary, SourceAnalysis
from pygount.analysis import SourceScanner

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import GitHubError
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.sources.quality.records import lines_record
from roosevelt_pipeline.warehouse.records import Record

BYTES_PER_LINE = 32
"""What a line of code takes, its end and its share of blank lines and comments included. An assumption, and one for all
languages: densities of one repository compare over time, those of two languages only roughly."""

COUNTED, ESTIMATED = "checkout", "github_languages"
PAGE = 100


def count_checkout(folder: Path) -> int:
    """Lines of code below a folder, without comments, blank lines, what is generated and what is not code.

    Raises:
        QualityError: it is no folder, or holds no code.
    """
    if not folder.is_dir():
        raise QualityError(f"{folder}: no such folder; give the path of a checkout")
    summary = ProjectSummary()
    with SourceScanner([str(folder)]) as scanner:
        for found in scanner.source_paths():
            summary.add(SourceAnalysis.from_file(found.source_path, found.group, fallback_encoding="utf-8"))
    if not summary.total_code_count:
        raise QualityError(f"{folder}: no line of code was found")
    return int(summary.total_code_count)


def estimate_lines(client: GitHubClient, repository: Repository) -> Record | None:
    """Lines by GitHub's languages; ``None`` where it tells of none, as for an empty repository.

    Raises:
        GitHubError: it cannot be asked.
    """
    place = {"owner": repository.owner, "name": repository.name, "page": PAGE}
    answer = client.graphql("languages", place, subject=f"languages of {repository.name_with_owner}")
    found: Any = (answer.data.get("repository") or {}).get("languages")
    size = found.get("totalSize") if isinstance(found, dict) else None
    if not isinstance(size, int):
        raise GitHubError(f"{repository.name_with_owner}: GitHub tells of no languages; please report this")
    if size == 0:
        return None
    lines = round(size / BYTES_PER_LINE) or 1
    return lines_record(repository.name, lines, ESTIMATED, answer.observed_at, {"bytes": size})
