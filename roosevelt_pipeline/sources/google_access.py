"""Who asks Google: a service account, in the name of others if it may, or somebody who consented once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from pydantic import SecretStr

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.calendars.errors import AccessError
from roosevelt_pipeline.sources.surveys.errors import FormsError

CALENDARS = "https://www.googleapis.com/auth/calendar.events.readonly"
FORMS = "https://www.googleapis.com/auth/forms.responses.readonly"


class Access(Protocol):
    """Gives credentials, in the name of a person where it can."""

    def credentials(self, subject: str) -> Any: ...


@dataclass(frozen=True)
class ServiceAccount:
    """A key of a service account. With domain-wide delegation it reads as the person."""

    own: Any = field(repr=False)
    delegates: bool

    def credentials(self, subject: str) -> Any:
        return self.own.with_subject(subject) if self.delegates else self.own


@dataclass(frozen=True)
class OwnConsent:
    """A refresh token: what its owner may read, we may read."""

    shared: Any = field(repr=False)

    def credentials(self, subject: str) -> Any:  # noqa: ARG002
        return self.shared


def calendar_access(settings: Settings) -> Access | None:
    """How calendars are read; ``None`` where nothing is set up for it.

    Raises:
        AccessError: it is set up in part, or the key cannot be used.
    """
    parts = {
        "CLIENT_ID": settings.google_calendar_client_id,
        "CLIENT_SECRET": settings.google_calendar_client_secret,
        "REFRESH_TOKEN": settings.google_calendar_refresh_token,
    }
    file, delegates = settings.google_calendar_service_account_file, settings.calendars.google_delegation
    try:
        if file:
            return ServiceAccount(_service_account(file, "GOOGLE_CALENDAR", CALENDARS), delegates)
        consent = _consent(parts, "GOOGLE_CALENDAR", CALENDARS, settings.calendars.google_token_url)
    except _UnusableError as error:
        raise AccessError(str(error)) from None
    return OwnConsent(consent) if consent else None


def forms_credentials(settings: Settings) -> Any:
    """Credentials for reading the responses of a form that is shared with them.

    Raises:
        FormsError: there are none, or they are there in part only.
    """
    parts = {
        "CLIENT_ID": SecretStr(settings.google_forms_client_id or ""),
        "CLIENT_SECRET": settings.google_forms_client_secret,
        "REFRESH_TOKEN": settings.google_forms_refresh_token,
    }
    file = settings.google_forms_service_account_file
    try:
        if file:
            return _service_account(file, "GOOGLE_FORMS", FORMS)
        consent = _consent(parts, "GOOGLE_FORMS", FORMS, settings.surveys.google_token_url)
    except _UnusableError as error:
        raise FormsError(str(error)) from None
    if consent is None:
        raise FormsError(
            "surveys.google_form is set, but nothing says who reads it; set GOOGLE_FORMS_SERVICE_ACCOUNT_FILE, or the "
            "three of GOOGLE_FORMS_CLIENT_ID, _CLIENT_SECRET and _REFRESH_TOKEN"
        )
    return consent


class _UnusableError(ValueError):
    """What is set cannot be used. Names what is set, never its value."""


def _consent(parts: Mapping[str, SecretStr | None], prefix: str, scope: str, token_url: str) -> Any:
    """Credentials of a refresh token; ``None`` where none of its parts is set."""
    given = {name: part.get_secret_value().strip() for name, part in parts.items() if part is not None}
    missing = [f"{prefix}_{name}" for name in parts if not given.get(name)]
    if len(missing) == len(parts):
        return None
    if missing:
        raise _UnusableError(f"{' and '.join(missing)} not set; all three are needed, or a service account's file")
    return Credentials(  # type: ignore[no-untyped-call]
        None, refresh_token=given["REFRESH_TOKEN"], client_id=given["CLIENT_ID"], client_secret=given["CLIENT_SECRET"],
        token_uri=token_url, scopes=[scope],
    )  # fmt: skip


def _service_account(path: Path, prefix: str, scope: str) -> Any:
    name = f"{prefix}_SERVICE_ACCOUNT_FILE"
    try:
        key = json.loads(path.expanduser().read_text(encoding="utf-8"))
        return service_account.Credentials.from_service_account_info(key, scopes=[scope])  # type: ignore[no-untyped-call]
    except OSError as error:
        raise _UnusableError(f"{path}: {error.strerror}; correct {name}") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise _UnusableError(
            f"{name} holds no key of a service account; make a JSON key in the Google Cloud console and save it as it "
            "comes"
        ) from None
