"""How a message reaches a person: Slack's direct messages, or e-mail over TLS.

A failure is one of three: certain for this person, certain and for everybody (a bad token), or
not known. What may have arrived is not sent again.
"""

import smtplib
import ssl
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from roosevelt_pipeline.privacy.silence import SILENT
from roosevelt_pipeline.settings import Settings, SurveySettings
from roosevelt_pipeline.sources.people.members import Member
from roosevelt_pipeline.surveys.messages import Message

TIMEOUT_SECONDS = 20
_NOBODY_THERE = frozenset(
    {"user_not_found", "user_disabled", "user_not_visible", "users_not_found", "cannot_dm_bot", "account_inactive",
     "channel_not_found", "is_archived", "cannot_dm_self"}
)  # fmt: skip
_NOT_US = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope", "no_permission",
                     "account_inactive", "ekm_access_denied", "org_login_required"})  # fmt: skip


class NotSentError(RuntimeError):
    """A message has certainly not arrived.

    Attributes:
        is_final: trying again would end alike.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class ChannelError(RuntimeError):
    """Nobody can be reached in this way. The message says what to do; it holds no secret and no address."""


class Channel(Protocol):
    """A way to reach people."""

    def send(self, member: Member, message: Message) -> bool:
        """Send. False if it is not known whether it arrived.

        Raises:
            NotSentError: it has not.
            ChannelError: nothing can be sent to anybody.
        """


class SlackChannel:
    """Direct messages of a Slack app, with the scopes chat:write and im:write."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def send(self, member: Member, message: Message) -> bool:
        try:
            opened = self._client.conversations_open(users=member.slack or "")
            conversation = str((opened.get("channel") or {}).get("id") or "")
        except SlackApiError as error:
            raise _refused(error) from None
        except (SlackClientError, urllib.error.URLError, OSError):
            raise NotSentError("Slack did not answer") from None
        try:
            self._client.chat_postMessage(
                channel=conversation, text=message.text, unfurl_links=False, unfurl_media=False
            )
        except SlackApiError as error:
            if error.response.status_code >= 500:
                return False
            raise _refused(error) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise NotSentError("Slack did not answer") from None
            return False
        except (SlackClientError, OSError):
            return False
        return True


class MailChannel:
    """E-mail through one server. It is never sent in the clear."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server, self._sender = server, sender

    def send(self, member: Member, message: Message) -> bool:
        mail = self._mail(member.emails[0], message)
        self._envelope(member.emails[0])
        try:
            code, _ = self._server.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:
            self._reset()
            raise NotSentError(
                f"the mail server refused it ({error.smtp_code})", is_final=error.smtp_code >= 500
            ) from None
        except (smtplib.SMTPException, OSError):
            return False
        if code >= 400:
            self._reset()
            raise NotSentError(f"the mail server refused it ({code})", is_final=code >= 500)
        return True

    def _envelope(self, address: str) -> None:
        try:
            code, _ = self._server.mail(self._sender)
            if code >= 400:
                self._reset()
                raise ChannelError(f"the mail server refused the sender ({code}); check surveys.sender and SMTP_USER")
            code, _ = self._server.rcpt(address)
        except (smtplib.SMTPException, OSError):
            raise ChannelError("the mail server broke off; what was not sent yet is sent in the next run") from None
        if code >= 400:
            self._reset()
            raise NotSentError(f"the mail server refused the recipient ({code})", is_final=code >= 500)

    def _reset(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._server.rset()

    def _mail(self, address: str, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.subject, self._sender, address
        mail["Date"] = formatdate(localtime=False)
        mail["Message-ID"] = f"<{message.number}@{self._sender.rpartition('@')[2].rstrip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail


def is_reachable(member: Member, channel: str | None) -> bool:
    """Whether the directory says how this person is reached."""
    return bool(member.slack if channel == "slack" else member.emails)


def probe(settings: Settings) -> None:
    """Ask the channel of the settings who we are. Nobody is sent anything.

    Raises:
        ChannelError: it cannot be used.
    """
    if settings.surveys.channel == "email":
        _connected(settings).quit()
        return
    try:
        slack_client(settings).auth_test()
    except SlackApiError as error:
        raise ChannelError(str(_refused(error))) from None
    except (SlackClientError, urllib.error.URLError, OSError):
        raise ChannelError("Slack did not answer; check the network and surveys.slack_api_url") from None


@contextmanager
def open_channel(settings: Settings) -> Iterator[Channel]:
    """The channel that the settings name.

    Raises:
        ChannelError: a secret is missing, or the server cannot be used.
    """
    if settings.surveys.channel == "slack":
        yield SlackChannel(slack_client(settings))
        return
    server = _connected(settings)
    try:
        yield MailChannel(server, settings.surveys.sender or "")
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def slack_client(settings: Settings) -> WebClient:
    """A client that waits when Slack asks it to, and repeats nothing else: a repetition could be a second message.

    Raises:
        ChannelError: there is no token.
    """
    token = settings.slack_bot_token.get_secret_value().strip() if settings.slack_bot_token else ""
    if not token:
        raise ChannelError("SLACK_BOT_TOKEN is not set; put the bot token of your Slack app into .env")
    retries: list[RetryHandler] = [RateLimitErrorRetryHandler(max_retry_count=3)]
    # Its own log would hold links to answer by at its lowest level.
    return WebClient(
        token, settings.surveys.slack_api_url, timeout=TIMEOUT_SECONDS, retry_handlers=retries, logger=SILENT
    )


def _connected(settings: Settings, timeout: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    surveys = settings.surveys
    host, port = surveys.smtp_host or "", surveys.smtp_port
    server = None
    try:
        server = _greeted(surveys, timeout)
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except smtplib.SMTPNotSupportedError:
        reason = f"{host} port {port} offers no TLS or no login; nothing is sent in the clear"
    except smtplib.SMTPAuthenticationError:
        reason = f"{host} refused SMTP_USER and SMTP_PASSWORD; correct them in .env"
    except ssl.SSLError as error:
        reason = f"{host} port {port}: its certificate is not trusted ({error.reason})"
    except (smtplib.SMTPException, OSError) as error:
        reason = f"{host} port {port} cannot be used ({type(error).__name__}); check surveys.smtp_host"
    else:
        return server
    if server is not None:
        server.close()
    raise ChannelError(reason)


def _greeted(surveys: SurveySettings, timeout: float) -> smtplib.SMTP:
    """A connection under TLS, closed again if there can be none."""
    host, port = surveys.smtp_host or "", surveys.smtp_port
    context = ssl.create_default_context()
    if surveys.smtp_ca_file:
        context.load_verify_locations(surveys.smtp_ca_file)
    if port == smtplib.SMTP_SSL_PORT:
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _refused(error: SlackApiError) -> NotSentError | ChannelError:
    """What Slack's word for a failure means."""
    word = str(error.response.get("error") or f"status {error.response.status_code}")
    if word in _NOBODY_THERE:
        return NotSentError(f"Slack: {word}", is_final=True)
    if word in _NOT_US:
        return ChannelError(f"Slack: {word}; check SLACK_BOT_TOKEN and the app's scopes chat:write and im:write")
    return NotSentError(f"Slack: {word}")


def mail_server(settings: Settings, timeout: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    """A connection to the mail server of the settings, under TLS and logged in; the caller ends it.

    Args:
        timeout: seconds that each of its answers may take.

    Raises:
        ChannelError: it cannot be used.
    """
    return _connected(settings, timeout)
