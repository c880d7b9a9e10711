"""What `roosevelt doctor` says of the directory of people and of surveys. It names rows and columns, and nobody."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime

from roosevelt_pipeline.doctor import Check
from roosevelt_pipeline.settings import PROJECT_ROOT, Settings, home
from roosevelt_pipeline.sources.people.directory import DirectoryError, directory_path, read_directory


def examine_people(settings: Settings) -> Iterator[Check]:
    """Whether the directory can be read, by us and by nobody else. Logins are not looked up."""
    path = directory_path(settings)
    if path is None:
        yield Check(
            "good", "people", "no directory: who takes part in SPACE is known from `roosevelt people opt-in` alone"
        )
        return
    if settings.is_demo and not path.exists():
        yield Check("good", "people", "the simulated company hands its directory out when it is started")
        return
    try:
        found = read_directory(settings)
    except DirectoryError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "people", message, remedy or "see docs/surveys.md")
        return
    if path.is_relative_to(PROJECT_ROOT) and not path.is_relative_to(home()):
        yield Check("odd", "people", f"{path} lies inside of the repository", "move it out, so that nobody commits it")
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Check("odd", "people", f"others on this machine may read {path}", f"chmod 600 {path}")
    today = datetime.now(UTC).date()
    taking_part = sum(one.takes_part_on(today) for one in found.members)
    if found.faults:
        more = f" and {len(found.faults) - 1} more" if len(found.faults) > 1 else ""
        remedy = "mend them; `roosevelt people check` names each"
        yield Check("odd", "people", f"rows cannot be used: {found.faults[0]}{more}", remedy)
    else:
        yield Check("good", "people", f"{len(found.members)} people in {path.name}, {taking_part} take part")


def examine_surveys(settings: Settings) -> Iterator[Check]:
    """Whether people could be asked, and answers come in."""
    surveys = settings.surveys
    yield from _key(settings)
    if surveys.channel is None:
        yield Check("good", "surveys", "nobody is asked; set surveys.channel, or drop files of answers into the inbox")
    elif directory_path(settings) is None:
        yield Check("bad", "surveys", "nothing says how people are reached", "set people.directory")
    else:
        yield from _channel(settings)
    if surveys.google_form:
        yield from _google(settings)


def _key(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.privacy.keys import SURVEY_FILE_NAME, SurveyKeyError, survey_key

    if settings.survey_key is None and not (home() / SURVEY_FILE_NAME).exists():
        return  # made on first use
    try:
        survey_key(settings, home())
    except SurveyKeyError as error:
        yield Check("bad", "surveys", str(error), "mend it, or restore the one that texts were sealed with")


def _channel(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.surveys.channels import ChannelError, probe

    surveys = settings.surveys
    try:
        probe(settings)
    except ChannelError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "surveys", message, remedy or "see docs/surveys.md")
        return
    link = surveys.form_url or surveys.address or ""
    if link.startswith("http://"):
        remedy = "set surveys.address to where a proxy passes on to `roosevelt serve`"
        yield Check("odd", "surveys", f"invitations lead to {link}, which only this machine reaches", remedy)
    else:
        yield Check("good", "surveys", f"people can be asked by {surveys.channel}; links lead to {link}")


def _google(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.sources.google_access import forms_credentials
    from roosevelt_pipeline.sources.surveys.errors import FormsError

    try:
        forms_credentials(settings)
    except FormsError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "Google form", message, remedy or "see docs/surveys.md")
    else:
        yield Check("good", "Google form", "its responses are read by every daily run")
