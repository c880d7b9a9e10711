"""Who reads the form at Google: a service account that the form is shared with, or somebody's refresh token."""

import json
from typing import Any

from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.surveys.errors import FormsError

SCOPE = "https://www.googleapis.com/auth/forms.responses.readonly"


def forms_credentials(settings: Settings) -> Any:
    """Credentials for reading responses.

    Raises:
        FormsError: there are none, or they are there in part only.
    """
    if settings.google_forms_service_account_file:
        return _service_account(settings)
    parts = {
        "GOOGLE_FORMS_CLIENT_ID": settings.google_forms_client_id,
        "GOOGLE_FORMS_CLIENT_SECRET": _plain(settings.google_forms_client_secret),
        "GOOGLE_FORMS_REFRESH_TOKEN": _plain(settings.google_forms_refresh_token),
    }
    missing = [name for name, value in parts.items() if not (value or "").strip()]
    if missing:
        raise FormsError(
            f"surveys.google_form is set, but {', '.join(missing)} is not; set all three in .env, or "
            "GOOGLE_FORMS_SERVICE_ACCOUNT_FILE"
        )
    client_id, client_secret, refresh_token = ((value or "").strip() for value in parts.values())
    return Credentials(  # type: ignore[no-untyped-call]
        None, refresh_token=refresh_token, client_id=client_id, client_secret=client_secret,
        token_uri=settings.surveys.google_token_url, scopes=[SCOPE],
    )  # fmt: skip


def _service_account(settings: Settings) -> Any:
    path = settings.google_forms_service_account_file
    assert path is not None
    try:
        key = json.loads(path.expanduser().read_text(encoding="utf-8"))
        return service_account.Credentials.from_service_account_info(key, scopes=[SCOPE])  # type: ignore[no-untyped-call]
    except OSError as error:
        raise FormsError(f"{path}: {error.strerror}; correct GOOGLE_FORMS_SERVICE_ACCOUNT_FILE") from None
    except (ValueError, KeyError, AttributeError, UnicodeDecodeError):
        raise FormsError("GOOGLE_FORMS_SERVICE_ACCOUNT_FILE holds no JSON key of a service account") from None


def _plain(secret: Any) -> str | None:
    return secret.get_secret_value() if secret is not None else None
