"""`roosevelt serve`: one HTTP server for everything that Roosevelt is asked over HTTP, with bounded appetite."""

import errno
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from roosevelt_pipeline.settings import Settings, SettingsError, home
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.web.app import Part, create_app

MOST_AT_ONCE = 64  # more are answered with 503 before anything of them is read


def parts_of(settings: Settings, warehouse: Warehouse) -> list[Part]:
    """What these settings have us serve.

    Raises:
        SettingsError: there is nothing to serve, or a secret is missing.
    """
    from roosevelt_pipeline.alerting.links import link_key
    from roosevelt_pipeline.privacy.keys import survey_key
    from roosevelt_pipeline.privacy.sealing import SurveyKeys
    from roosevelt_pipeline.warehouse.desk import Desk
    from roosevelt_pipeline.warehouse.inbox import Letterbox
    from roosevelt_pipeline.warehouse.verdicts import Ballot
    from roosevelt_pipeline.web.alerts.buttons import buttons
    from roosevelt_pipeline.web.alerts.part import verdicts
    from roosevelt_pipeline.web.survey.part import survey
    from roosevelt_pipeline.web.webhooks import webhooks

    forms = settings.surveys.is_served
    parts = [survey(settings, Desk(warehouse), SurveyKeys(survey_key(settings, home())))] if forms else []
    if settings.alerts.address is not None:
        parts.append(verdicts(Ballot(warehouse), link_key(settings)))
    if settings.takes_buttons:
        parts.append(buttons(settings, Ballot(warehouse), link_key(settings)))
    if settings.webhooks.inbox == "folder" and not parts:
        raise SettingsError('webhooks.inbox is "folder", so there is nothing to serve; set it to "table"')
    if settings.webhooks.inbox == "table" and (settings.webhook_secrets or not parts):
        parts.append(webhooks(settings, Letterbox(warehouse)))
    return parts


def serve(settings: Settings, warehouse: Warehouse, announce: Callable[[str], None]) -> None:
    """Serve until asked to end; requests that have begun are finished.

    Args:
        announce: told the address once connections are accepted.

    Raises:
        SettingsError: there is nothing to serve, or the address cannot be had.
    """
    parts = parts_of(settings, warehouse)
    with listener(settings.serve.host, settings.serve.port) as door:
        announce(f"http://{settings.serve.host}:{door.getsockname()[1]}")
        try:
            uvicorn.Server(configuration(create_app(parts))).run(sockets=[door])
        finally:
            for part in parts:
                part.close()


def listener(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        SettingsError: the port is taken, or the host is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(128)
    except (OSError, OverflowError) as error:
        door.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"cannot be used ({error})"
        raise SettingsError(
            f"{host} port {port} {reason}; name another with serve.host and serve.port in roosevelt.toml"
        ) from None
    return door


def configuration(app: Starlette) -> uvicorn.Config:
    """How uvicorn serves: few at once, short headers, nothing of the visitor in the log."""
    return uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", server_header=False,
        proxy_headers=False, http="h11", ws="none", limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=5,
        timeout_graceful_shutdown=5, h11_max_incomplete_event_size=32 * 1024,
    )  # fmt: skip
