"""What Slack and PagerDuty tell Roosevelt when somebody presses a button there: signed as they sign it."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105 (of a Slack that is none)
PAGERDUTY_SECRET = "sandbox-pagerduty-secret"  # noqa: S105
_SECONDS = 5


@dataclass(frozen=True)
class Pressing:
    """Where `roosevelt serve` is."""

    address: str

    def button(self, action_id: str, value: str, response_url: str) -> str:
        """A button of a message. Returns how it was answered."""
        payload = {
            "type": "block_actions", "user": {"id": "U0SANDBOX", "username": "somebody"}, "response_url": response_url,
            "actions": [{"type": "button", "action_id": action_id, "value": value}],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self._post("/alerts/slack", body, slack_headers(body, SIGNING_SECRET, int(time.time())))

    def acknowledge(self, key: str) -> str:
        """An incident is seen to. Returns how it was answered."""
        event = {"id": uuid4().hex, "event_type": "incident.acknowledged", "resource_type": "incident",
                 "occurred_at": datetime.now(UTC).isoformat(),
                 "data": {"type": "incident", "incident_key": key, "status": "acknowledged"}}  # fmt: skip
        body = json.dumps({"event": event}).encode()
        return self._post("/alerts/pagerduty", body, pagerduty_headers(body, PAGERDUTY_SECRET))

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> str:
        request = urllib.request.Request(f"{self.address}{path}", data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                return f"Roosevelt answered {answer.status}"
        except urllib.error.HTTPError as error:
            return f"Roosevelt answered {error.code}"
        except OSError:
            return f"`roosevelt serve` does not answer at {self.address}"


def slack_headers(body: bytes, secret: str, stamp: int) -> dict[str, str]:
    """As Slack signs a request: version, time and body."""
    signed = hmac.new(secret.encode(), b"v0:%d:" % stamp + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": str(stamp),
            "X-Slack-Signature": f"v0={signed}"}  # fmt: skip


def pagerduty_headers(body: bytes, secret: str) -> dict[str, Any]:
    """As PagerDuty signs a webhook of its third version: the body, once for each secret in use."""
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-PagerDuty-Signature": f"v1={signed}"}
