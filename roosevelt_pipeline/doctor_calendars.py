"""What `roosevelt doctor` says of calendars: whether what the directory names could be read. It names nobody."""

import stat
from collections.abc import Iterator

from roosevelt_pipeline.doctor import Check
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.people.directory import DirectoryError, directory_path, read_directory


def examine_calendars(settings: Settings) -> Iterator[Check]:
    """Keys as they are set, held against the calendars that the directory names."""
    from roosevelt_pipeline.sources.calendars.errors import CalendarError
    from roosevelt_pipeline.sources.google_access import calendar_access

    try:
        access = calendar_access(settings)
    except CalendarError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "calendars", message, remedy or "see docs/calendars.md")
        return
    path = settings.google_calendar_service_account_file
    if path and path.expanduser().stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Check("odd", "calendars", f"others on this machine may read {path}", f"chmod 600 {path}")
    google, feeds = _named(settings)
    if google and access is None:
        yield Check(
            "odd", "calendars", f"the directory names {google} Google calendars, and no key for them is set",
            "set GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE, or the three names of a refresh token (docs/calendars.md)",
        )  # fmt: skip
    elif not google and not feeds:
        unused = "; a key for Google is set, but the directory of people names no calendar" if access else ""
        yield Check("good", "calendars", f"not used{unused}")
    else:
        yield Check("good", "calendars", f"{google} Google calendars and {feeds} feeds are named; nothing was asked")


def _named(settings: Settings) -> tuple[int, int]:
    """How many calendars of either kind the directory names; none where it cannot be read, which is told elsewhere."""
    path = directory_path(settings)
    if path is None or not path.exists():
        return 0, 0
    try:
        members = read_directory(settings).members
    except DirectoryError:
        return 0, 0
    return sum(one.calendar is not None for one in members), sum(one.ical is not None for one in members)
