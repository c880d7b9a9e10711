"""Slack's incoming webhooks. The address is the credential: it never enters a message or a log."""

import json
import urllib.error
import urllib.request

from pydantic import SecretStr

_TIMEOUT_SECONDS = 10


class SlackError(RuntimeError):
    """Slack did not take the message. Says why without the address."""


def post_text(webhook: SecretStr, text: str) -> None:
    """Send one plain text; what it says is shown as written, never as a mention or a link.

    Raises:
        SlackError: not delivered.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = json.dumps({"text": escaped, "mrkdwn": False, "unfurl_links": False}).encode()
    try:
        address = webhook.get_secret_value()
        if not address.startswith(("https://", "http://")):
            raise ValueError("not a web address")
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310
        urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        reason = f"it answered {error.code}"
    except (OSError, ValueError) as error:
        # The text of such errors may hold the address, and so may a chained traceback.
        reason = type(error).__name__
    else:
        return
    raise SlackError(f"Slack did not take the message: {reason}; check SLACK_WEBHOOK")
