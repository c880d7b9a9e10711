"""How a message leaves. Addresses and keys are credentials: they enter no error, no log and no table."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from roosevelt_pipeline.alert_settings import AlertRoute
from roosevelt_pipeline.alerting.blocks import as_slack
from roosevelt_pipeline.alerting.charts import chart
from roosevelt_pipeline.alerting.envelopes import Envelope, Outcome
from roosevelt_pipeline.alerting.mails import send_mail
from roosevelt_pipeline.alerting.messages import is_usable
from roosevelt_pipeline.alerting.renderings import as_pagerduty
from roosevelt_pipeline.privacy.silence import SILENT
from roosevelt_pipeline.settings import Settings, is_given

_TRY_AGAIN = (408, 425, 429)
_SLACK_MENDED_LATER = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}


def send(settings: Settings, route: AlertRoute, envelope: Envelope) -> Outcome:
    """Try once to send a message. Whatever happens is an outcome, not an error."""
    if not is_usable(settings, route):
        return Outcome("not_sent", "its secret or server is not set; `roosevelt doctor` names it")
    try:
        return _SENDERS[route.channel](settings, route, envelope)
    except Exception as error:  # the text of an unforeseen one may hold an address
        return Outcome("unknown", type(error).__name__)


def _slack(settings: Settings, route: AlertRoute, envelope: Envelope) -> Outcome:
    has_buttons = is_given(settings.slack_signing_secret)
    body = as_slack(envelope.content, is_repeat=envelope.is_repeat, has_buttons=has_buttons)
    timeout = settings.alerts.request_timeout_seconds
    if not route.to:
        if settings.slack_webhook is None:
            return Outcome("not_sent", "SLACK_WEBHOOK is not set")
        return _post(settings.slack_webhook.get_secret_value().strip(), body | {"unfurl_links": False}, {}, timeout)
    if settings.slack_bot_token is None:
        return Outcome("not_sent", "SLACK_BOT_TOKEN is not set")
    client = WebClient(
        settings.slack_bot_token.get_secret_value(), settings.surveys.slack_api_url, timeout=int(timeout) or 1,
        retry_handlers=[], logger=SILENT,  # its own would hold tokens and addresses at its lowest level
    )  # fmt: skip
    try:
        posted = client.chat_postMessage(channel=route.to[0], unfurl_links=False, unfurl_media=False, **body)
    except SlackApiError as error:
        word = str(error.response.get("error") or "unknown")
        if error.response.status_code in _TRY_AGAIN or word in _SLACK_MENDED_LATER:
            return Outcome("not_sent", f"Slack: {word}", _seconds(error.response.headers))
        return Outcome("unknown" if error.response.status_code >= 500 else "refused", f"Slack: {word}")
    except urllib.error.URLError as error:
        return _broken(error)
    except (SlackClientError, OSError) as error:
        return Outcome("unknown", type(error).__name__)
    return Outcome("sent", _add_chart(client, envelope, posted))


def _add_chart(client: WebClient, envelope: Envelope, posted: SlackResponse) -> str:
    """Put the chart below the message. It is an extra: without it the message has arrived all the same."""
    picture = chart(envelope.content) if envelope.content["kind"] in ("opened", "repeated") else None
    if picture is None:
        return ""
    try:
        client.files_upload_v2(
            content=picture, filename="chart.png", title="The weeks before", alt_txt="The weeks before",
            channel=str(posted.get("channel") or ""), thread_ts=str(posted.get("ts") or ""),
        )  # fmt: skip
    except SlackApiError as error:
        return f"without its chart: Slack: {error.response.get('error') or 'unknown'}"
    except Exception as error:  # whatever it is, the message is there
        return f"without its chart: {type(error).__name__}"
    return ""


def _pagerduty(settings: Settings, _route: AlertRoute, envelope: Envelope) -> Outcome:
    if settings.pagerduty_routing_key is None:
        return Outcome("not_sent", "PAGERDUTY_ROUTING_KEY is not set")
    event = as_pagerduty(
        envelope.content, settings.pagerduty_routing_key.get_secret_value(), f"roosevelt-{envelope.dedup_key}"
    )
    address = f"{settings.alerts.pagerduty_url}/v2/enqueue"
    return _post(address, event, {}, settings.alerts.request_timeout_seconds)


def _webhook(settings: Settings, _route: AlertRoute, envelope: Envelope) -> Outcome:
    if settings.alert_webhook is None or settings.alert_webhook_secret is None:
        return Outcome("not_sent", "ALERT_WEBHOOK and ALERT_WEBHOOK_SECRET are not both set")
    body = {"id": envelope.message_id, "is_repeat": envelope.is_repeat, **envelope.content}  # links to judge by, too
    stamp = str(int(time.time()))
    signed = hmac.new(
        settings.alert_webhook_secret.get_secret_value().encode(), f"{stamp}.".encode() + _encoded(body), hashlib.sha256
    )
    headers = {"Idempotency-Key": envelope.message_id, "X-Roosevelt-Signature": f"t={stamp},v1={signed.hexdigest()}"}
    return _post(
        settings.alert_webhook.get_secret_value().strip(), body, headers, settings.alerts.request_timeout_seconds
    )


_SENDERS = {"slack": _slack, "pagerduty": _pagerduty, "webhook": _webhook, "email": send_mail}


class _StayHere(urllib.request.HTTPRedirectHandler):
    """What is sent to one address is not sent on to another, which nobody chose."""

    def redirect_request(self, *_given: Any, **_named: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere)


def _post(address: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout: float) -> Outcome:
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        return Outcome("refused", "its address does not begin with https://")
    all_headers = {"Content-Type": "application/json", **headers}
    try:
        request = urllib.request.Request(address, data=_encoded(body), headers=all_headers, method="POST")  # noqa: S310
        _OPENER.open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _TRY_AGAIN:
            return Outcome("not_sent", f"it answered {error.code}", _seconds(error.headers))
        if error.code >= 500:
            return Outcome("unknown", f"it answered {error.code}", _seconds(error.headers))
        return Outcome("refused", f"it answered {error.code}")
    except urllib.error.URLError as error:
        return _broken(error)
    except (OSError, HTTPException, ValueError) as error:
        return Outcome("unknown", type(error).__name__)
    return Outcome("sent")


def _broken(error: urllib.error.URLError) -> Outcome:
    kind = type(error.reason).__name__ if isinstance(error.reason, BaseException) else "no connection"
    return Outcome("not_sent" if isinstance(error.reason, ConnectionRefusedError) else "unknown", kind)


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def _seconds(headers: Any) -> float | None:
    value: Any = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    with suppress(TypeError, ValueError):
        return min(86_400.0, max(0.0, float(value[0] if isinstance(value, list) else value)))
    return None
