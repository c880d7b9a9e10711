"""Links by which readers judge an alert: signed, so that none can be made up, and good for a quarter of a year."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.settings import Settings, home

PATH = "/alerts/judge"
GOOD_FOR = timedelta(days=91)
_ALERT, _EXPIRY, _MAC = 16, 8, 21  # 45 bytes: no filling signs at the end, which mail programs cut off


def link_key(settings: Settings) -> bytes:
    """A key of its own, derived from that of surveys' links."""
    return hmac.new(survey_key(settings, home()), b"roosevelt alert verdicts", hashlib.sha256).digest()


def token_for(key: bytes, alert_id: UUID, message_id: str, expires_at: datetime) -> str:
    """What stands in a link: alert, last moment and a signature over both and the message that it was sent with."""
    # Two messages about one alert have two links, since the last moment differs by the message.
    spread = int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4], "big")
    open_part = alert_id.bytes + (int(expires_at.timestamp()) << 32 | spread).to_bytes(_EXPIRY, "big")
    return base64.urlsafe_b64encode(open_part + _signature(key, open_part)).decode()


def alert_of(key: bytes, token: str, now: datetime) -> UUID | None:
    """The alert that a link is about; missing if it was made up, changed, cut off, or is too old."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    open_part, signature = raw[:-_MAC], raw[-_MAC:]
    if len(raw) != _ALERT + _EXPIRY + _MAC or not hmac.compare_digest(signature, _signature(key, open_part)):
        return None
    expiry = int.from_bytes(open_part[_ALERT:], "big") >> 32
    return UUID(bytes=open_part[:_ALERT]) if now.timestamp() < expiry else None


def with_links(settings: Settings, message_id: str, content: Mapping[str, Any], made_at: datetime) -> dict[str, Any]:
    """A message's content with a link for each of its alerts, where people can reach `roosevelt serve`.

    Links are made when a message is sent and stored nowhere: who reads the tables cannot judge in others' names.
    """
    address = settings.alerts.address
    if address is None or not content["items"]:
        return dict(content)
    key = link_key(settings)
    items = [
        item | {"judge": f"{address.rstrip('/')}{PATH}/"
                         f"{token_for(key, UUID(item['alert_id']), message_id, made_at + GOOD_FOR)}"}
        for item in content["items"]
    ]  # fmt: skip
    return {**content, "items": items}


def _signature(key: bytes, open_part: bytes) -> bytes:
    return hmac.new(key, open_part, hashlib.sha256).digest()[:_MAC]
