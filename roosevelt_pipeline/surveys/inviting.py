"""The quarterly invitation, and one reminder: nobody is asked twice, whatever dies in between."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.people import apply_directory, read_people
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys, digest
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.sources.people.directory import Directory, directory_path
from roosevelt_pipeline.sources.people.members import Member
from roosevelt_pipeline.surveys.channels import Channel, ChannelError, NotSentError, is_reachable, open_channel
from roosevelt_pipeline.surveys.links import link_to
from roosevelt_pipeline.surveys.messages import Message
from roosevelt_pipeline.surveys.windows import Window, current_window, window_of
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.invitations import Invitation, Kind, claim, due, enlist, give_back, settle
from roosevelt_pipeline.warehouse.participants import respondents
from roosevelt_pipeline.warehouse.surveys import answer_key

Connection = psycopg.Connection[Any]


@dataclass
class InvitationReport:
    """What a run of the invitations did, in counts.

    Attributes:
        unreachable: people who take part, and for whom the directory names no way of this channel.
        unknown: messages of which it is not known whether they arrived; they are not sent again.
        failed: messages that have not arrived; they are sent again, unless it was for good.
        reasons: of those, by how many.
        skipped: why nothing was to be done.
    """

    quarter: str = ""
    invited: int = 0
    reminded: int = 0
    unreachable: int = 0
    unknown: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    skipped: str | None = None

    def lines(self, *, dry_run: bool) -> list[str]:
        """The report, in words."""
        if self.skipped:
            return [self.skipped]
        would = "would be " if dry_run else ""
        told = [f"{self.quarter}: {self.invited} {would}invited, {self.reminded} {would}reminded"]
        told += (
            [f"{self.unreachable} take part, but the directory names no way to reach them"] if self.unreachable else []
        )
        told += [f"{self.unknown} may or may not have arrived, and are not sent again"] if self.unknown else []
        told += [f"{count} were not sent: {reason}" for reason, count in self.reasons.items()]
        return told


def why_not(settings: Settings, now: datetime) -> str | None:
    """Why nobody is asked now, if nobody is."""
    window = current_window(now, settings.surveys)
    if settings.surveys.channel is None:
        return "surveys.channel is not set, so nobody is asked"
    if directory_path(settings) is None:
        return "people.directory is not set, and nothing else says how people are reached"
    if now < window.opens_at:
        return f"the survey of {window.quarter} opens on {window.opens_at.date()}"
    if not window.is_open(now):
        opens = window_of(window.quarter.following, settings.surveys).opens_at.date()
        return f"the survey of {window.quarter} has closed; the next one opens on {opens}"
    return None


def send_invitations(
    settings: Settings,
    warehouse: Warehouse,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
    channel: Channel | None = None,
    on_sent: Callable[[], None] = lambda: None,
) -> InvitationReport:
    """Invite whoever takes part and was not asked in this quarter; remind whoever was, long enough ago, and is silent.

    Consent is read anew before anything is sent.

    Args:
        dry_run: count alone, and take back everything else.
        channel: another one than the settings'.
        on_sent: called between sending a message and noting that.

    Raises:
        ChannelError: nothing can be sent to anybody; what was sent is noted.
        DirectoryError, GitHubError: the directory cannot be read.
    """
    now = now or datetime.now(UTC)
    if reason := why_not(settings, now):
        return InvitationReport(skipped=reason)
    directory, window = read_people(settings, warehouse), current_window(now, settings.surveys)
    with ExitStack() as stack:
        connection = stack.enter_context(warehouse.connect(Role.INGEST, autocommit=True))
        keys = SurveyKeys(survey_key(settings, home()))
        if dry_run:
            stack.enter_context(connection.transaction(force_rollback=True))
        members = _taking_part(connection, settings, directory, now)
        sending = _Sending(connection, settings, keys, window, now, on_sent)
        todo = sending.prepare(members)
        report = sending.report
        for respondent, (kind, _) in todo.items() if dry_run else ():
            sending.count(kind if is_reachable(members[respondent], settings.surveys.channel) else None)
        if dry_run or not todo:
            return report
        way = channel or stack.enter_context(open_channel(settings))
        for respondent, (kind, token_sha) in todo.items():
            sending.one(way, members[respondent], respondent, kind, token_sha)
    return report


class _Sending:
    """One run over the people of one quarter."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        keys: SurveyKeys,
        window: Window,
        now: datetime,
        on_sent: Callable[[], None],
    ) -> None:
        self.connection, self.settings, self.keys = connection, settings, keys
        self.window, self.now, self.on_sent = window, now, on_sent
        self.quarter = str(window.quarter)
        self.report = InvitationReport(self.quarter)

    def prepare(self, members: Mapping[UUID, Member]) -> dict[UUID, tuple[Kind, bytes]]:
        """Note who is to be asked. Returns who is to get which message now."""
        surveys = self.settings.surveys
        enlist(
            self.connection,
            [
                Invitation(
                    surveys.name, respondent, self.quarter, surveys.channel or "",
                    digest(self.keys.tokens(self._key(respondent))[0]), self.window.closes_at,
                )
                for respondent in members
            ],
        )  # fmt: skip
        before = self.now - timedelta(days=surveys.reminder_after_days)
        found = due(self.connection, surveys.name, self.quarter, before)
        return {respondent: what for respondent, what in found.items() if respondent in members}

    def one(self, channel: Channel, member: Member, respondent: UUID, kind: Kind, token_sha: bytes) -> None:
        """Send one message: claimed first, so that whatever dies, it is not sent a second time."""
        if not is_reachable(member, self.settings.surveys.channel):
            return self.count(None)
        message = self._message(respondent, kind, token_sha)
        key = (self.settings.surveys.name, respondent, self.quarter)
        if message is None or not claim(self.connection, key, kind, self.now):
            return None
        try:
            arrived = channel.send(member, message)
        except NotSentError as error:
            give_back(self.connection, key, kind, str(error), self.now, is_final=error.is_final)
            self.report.failed += 1
            self.report.reasons[str(error)] = self.report.reasons.get(str(error), 0) + 1
            return None
        except ChannelError as error:
            give_back(self.connection, key, kind, str(error), self.now, counts=False)
            raise
        self.on_sent()
        if arrived:
            settle(self.connection, key, kind)
            return self.count(kind)
        self.report.unknown += 1
        return None

    def count(self, kind: Kind | None) -> None:
        self.report.invited += kind == "invitation"
        self.report.reminded += kind == "reminder"
        self.report.unreachable += kind is None

    def _message(self, respondent: UUID, kind: Kind, token_sha: bytes) -> Message | None:
        """With the link that was given out first, also after the key was rotated."""
        surveys, asked = self.settings.surveys, self._key(respondent)
        token = next((one for one in self.keys.tokens(asked) if digest(one) == token_sha), None)
        if token is None:
            return None
        link = surveys.form_url or link_to(surveys.address or "", token)
        number = hashlib.sha256(f"{kind}|{asked}".encode() + token_sha).hexdigest()[:32]
        return Message(kind, number, self.quarter, link, self.window.closes_at)

    def _key(self, respondent: UUID) -> str:
        return answer_key(self.settings.surveys.name, respondent, self.quarter)


def _taking_part(connection: Connection, settings: Settings, directory: Directory, now: datetime) -> dict[UUID, Member]:
    """Those of the directory who take part by what it says now, by what their answers carry."""
    with connection.transaction():
        listed, _ = apply_directory(settings, connection, directory)
        carried = respondents(connection, [(one.user_id, now.date()) for one in listed])
    found = ((one.member, carried.get((one.user_id, now.date()))) for one in listed)
    return {respondent: member for member, respondent in found if respondent is not None}
