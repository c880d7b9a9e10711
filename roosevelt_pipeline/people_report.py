"""What `roosevelt people` says: counts, and faults by row and column. It names nobody."""

from datetime import UTC, datetime

from roosevelt_pipeline.people import PeopleReport
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.people.directory import directory_path, read_directory

MOST_FAULTS_TOLD = 50


def check_lines(settings: Settings) -> tuple[list[str], bool]:
    """What the directory holds, and whether all of it can be used. Logins are not looked up.

    Raises:
        DirectoryError: it cannot be read at all.
    """
    if directory_path(settings) is None:
        return [
            "people.directory is not set: the organisation's members may opt in with `roosevelt people opt-in`"
        ], True
    directory, today = read_directory(settings), datetime.now(UTC).date()
    taking_part = [one for one in directory.members if one.takes_part_on(today)]
    reachable = sum(bool(one.emails or one.slack) for one in taking_part)
    lines = [
        *_few(directory.faults),
        *_ignored(directory.ignored),
        f"{len(directory.members)} people, {len(taking_part)} of them take part today; "
        f"{reachable} of those can be asked by Slack or e-mail",
    ]
    return lines, not directory.faults


def sync_lines(report: PeopleReport) -> list[str]:
    """What a reading of the directory changed."""
    if report.skipped:
        return [report.skipped]
    changes = report.changes
    return [
        *_few(report.faults),
        *_ignored(report.ignored),
        f"{report.listed} people listed, {changes.taking_part} take part: "
        f"{changes.begun} begun, {changes.ended} ended, {changes.rows_deleted} rows deleted",
    ]


def _few(faults: list[str]) -> list[str]:
    more = len(faults) - MOST_FAULTS_TOLD
    return faults[:MOST_FAULTS_TOLD] + ([f"... and {more} more rows that cannot be used"] if more > 0 else [])


def _ignored(columns: list[str]) -> list[str]:
    return [f"not read: {', '.join(columns)}"[:300]] if columns else []
