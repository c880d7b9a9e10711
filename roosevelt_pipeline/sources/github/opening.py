"""A client as the settings ask for it."""

from pathlib import Path

from pydantic import SecretStr

from roosevelt_pipeline.governor import Governor
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.apps import App
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import TokenError
from roosevelt_pipeline.sources.github.tokens import Credentials, split_tokens


def open_client(
    settings: Settings, governor: Governor | None = None, longest_wait: float | None = None
) -> GitHubClient:
    """A client for the organisation of the settings.

    Args:
        governor: shared with other processes, where a warehouse is at hand.
        longest_wait: seconds that limits may hold a request back; the settings' unless given.

    Raises:
        TokenError: there is neither a token nor an App, or what there is cannot be used.
        GitHubError: the address is none.
    """
    github = settings.github
    wait = github.longest_wait_minutes * 60 if longest_wait is None else longest_wait
    return GitHubClient(credentials(settings), github.api_url, github.request_timeout_seconds, wait, governor=governor)


def credentials(settings: Settings) -> Credentials:
    """The tokens and the App that the environment names.

    Raises:
        TokenError: one of them cannot be one, or the App is named in part only.
    """
    token = settings.github_token
    return Credentials(split_tokens(token.get_secret_value()) if token else (), _app(settings))


def _app(settings: Settings) -> App | None:
    key = _private_key(settings.github_app_private_key, settings.github_app_private_key_file)
    if settings.github_app_id is None and key is None:
        return None
    if settings.github_app_id is None:
        raise TokenError("GITHUB_APP_ID is not set, though a private key is; the App's page shows its number")
    if key is None:
        raise TokenError("GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY, or GITHUB_APP_PRIVATE_KEY_FILE with its path")
    return App(settings.github_app_id, key, settings.github_app_installation_id, settings.github.organization)


def _private_key(text: SecretStr | None, path: Path | None) -> SecretStr | None:
    """The key itself; in a variable its lines may be separated by ``\\n`` written out."""
    if text is not None and text.get_secret_value().strip():
        return SecretStr(text.get_secret_value().replace("\\n", "\n").strip() + "\n")
    if path is None:
        return None
    try:
        return SecretStr(path.expanduser().read_text(encoding="ascii"))
    except OSError as error:
        raise TokenError(f"GITHUB_APP_PRIVATE_KEY_FILE: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TokenError(f"GITHUB_APP_PRIVATE_KEY_FILE: {path} is not a key in PEM format") from None
