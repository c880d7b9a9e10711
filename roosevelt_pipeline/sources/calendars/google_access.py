"""Who reads calendars at Google: a service account in the name of each person, or one person's own consent."""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.calendars.errors import AccessError

SCOPE = "https://www.googleapis.com/auth/calendar.events.readonly"


class Access(Protocol):
    """Gives credentials for a calendar."""

    def credentials(self, calendar_id: str) -> Any: ...


@dataclass(frozen=True)
class ServiceAccount:
    """A key of a service account. With domain-wide delegation it reads as the calendar's owner."""

    key: dict[str, Any] = field(repr=False)
    delegates: bool

    def credentials(self, calendar_id: str) -> Any:
        try:
            own = service_account.Credentials.from_service_account_info(self.key, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        except (ValueError, KeyError):
            raise AccessError(_BAD_KEY) from None
        return own.with_subject(calendar_id) if self.delegates else own


@dataclass(frozen=True)
class OwnConsent:
    """A refresh token: what its owner may read, we may read."""

    shared: Any = field(repr=False)

    def credentials(self, calendar_id: str) -> Any:  # noqa: ARG002
        return self.shared


def google_access(settings: Settings) -> Access | None:
    """How Google is read; ``None`` where nothing is set up for it.

    Raises:
        AccessError: it is set up in part, or the key cannot be used.
    """
    if settings.google_calendar_service_account_file:
        return ServiceAccount(_key(settings), settings.calendars.google_delegation)
    parts = {
        "GOOGLE_CALENDAR_CLIENT_ID": settings.google_calendar_client_id,
        "GOOGLE_CALENDAR_CLIENT_SECRET": settings.google_calendar_client_secret,
        "GOOGLE_CALENDAR_REFRESH_TOKEN": settings.google_calendar_refresh_token,
    }
    given = {name: part.get_secret_value().strip() for name, part in parts.items() if part is not None}
    missing = [name for name in parts if not given.get(name)]
    if len(missing) == len(parts):
        return None
    if missing:
        raise AccessError(f"{' and '.join(missing)} not set; all three are needed, or a service account's file")
    client_id, client_secret, refresh_token = (given[name] for name in parts)
    return OwnConsent(
        Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=refresh_token,
            client_id=client_id,
            client_secret=client_secret,
            token_uri=settings.calendars.google_token_url,
            scopes=[SCOPE],
        )
    )


def _key(settings: Settings) -> dict[str, Any]:
    path = settings.google_calendar_service_account_file
    assert path is not None
    try:
        key = json.loads(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise AccessError(f"{path}: {error.strerror}; correct GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE") from None
    except (ValueError, UnicodeDecodeError):
        raise AccessError(_BAD_KEY) from None
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise AccessError(_BAD_KEY)
    return key


_BAD_KEY = (
    "GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE holds no key of a service account; make a JSON key in the Google Cloud "
    "console and save it as it comes"
)
