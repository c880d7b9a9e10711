"""How an e-mail leaves: each recipient may be refused by itself, and who has it is not sent it again."""

import hashlib
import hmac
import smtplib
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate

from roosevelt_pipeline.alert_settings import AlertRoute
from roosevelt_pipeline.alerting.charts import chart
from roosevelt_pipeline.alerting.envelopes import Envelope, Outcome
from roosevelt_pipeline.alerting.links import link_key
from roosevelt_pipeline.alerting.renderings import as_html, as_text
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.surveys.channels import ChannelError, mail_server

Replies = Mapping[str, tuple[int, bytes]]
_FOR_GOOD = 500


def send_mail(settings: Settings, route: AlertRoute, envelope: Envelope) -> Outcome:
    """Try once to send to those that do not have it yet."""
    digests = {address: _digest(settings, address) for address in route.to}
    left = [address for address, digest in digests.items() if digest not in envelope.taken | envelope.refused]
    if not left:
        return Outcome("sent" if envelope.taken else "refused")
    mail = as_mail(settings.alerts.sender or settings.surveys.sender or "", route, envelope)
    try:
        server = mail_server(settings, settings.alerts.request_timeout_seconds)
    except ChannelError as error:
        return Outcome("not_sent", str(error))
    try:
        replies: Replies = server.send_message(mail, settings.alerts.bounces_to, left)
    except smtplib.SMTPRecipientsRefused as error:
        replies = error.recipients
    except smtplib.SMTPResponseException as error:
        is_final = error.smtp_code >= _FOR_GOOD
        return Outcome("refused" if is_final else "not_sent", f"the server answered {error.smtp_code}")
    except (smtplib.SMTPException, OSError) as error:
        return Outcome("unknown", type(error).__name__)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    return _outcome(replies, {address: digests[address] for address in left}, has_some=bool(envelope.taken))


def _outcome(replies: Replies, digests: Mapping[str, str], *, has_some: bool) -> Outcome:
    """What became of it by the replies to those that were refused: none of them is named."""
    taken = tuple(digest for address, digest in digests.items() if address not in replies)
    refused = tuple(digests[address] for address, (code, _) in replies.items() if code >= _FOR_GOOD)
    codes = ", ".join(sorted({str(code) for code, _ in replies.values()}))
    reason = f"{len(replies)} of {len(digests)} recipients were refused ({codes})" if replies else ""
    if len(taken) + len(refused) < len(digests):
        return Outcome("not_sent", reason, taken=taken, refused=refused)
    return Outcome("sent" if taken or has_some else "refused", reason, taken=taken, refused=refused)


def as_mail(sender: str, route: AlertRoute, envelope: Envelope) -> EmailMessage:
    """The mail, with the same Message-ID for each try, so that a server that has it already may know."""
    mail = EmailMessage()
    subject, text = as_text(envelope.content, is_repeat=envelope.is_repeat)
    mail["Subject"], mail["From"], mail["To"] = subject, sender, ", ".join(route.to)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{envelope.dedup_key}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    picture = chart(envelope.content)
    mail.add_alternative(as_html(envelope.content, "cid:chart" if picture else None), subtype="html")
    if picture:
        page = mail.get_body(("html",))
        assert isinstance(page, EmailMessage)
        page.add_related(picture, "image", "png", cid="<chart>", disposition="inline", filename="chart.png")
    return mail


def _digest(settings: Settings, address: str) -> str:
    return hmac.new(link_key(settings), f"recipient {address}".encode(), hashlib.sha256).hexdigest()[:32]
