"""PagerDuty to raw: what a run reads of it, and why if it could not be read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from roosevelt_pipeline.settings import PagerDutySettings, Settings
from roosevelt_pipeline.warehouse.landing import Landed

if TYPE_CHECKING:
    from roosevelt_pipeline.sources.pagerduty.client import PagerDutyClient
    from roosevelt_pipeline.warehouse.connections import Warehouse

SKIPPED = "PAGERDUTY_TOKEN is not set, so PagerDuty was not read"


@dataclass(frozen=True)
class PagerDutyReport:
    """How reading PagerDuty went.

    Attributes:
        skipped: why nothing was asked.
        problem: why reading ended early; what came before has landed.
    """

    landed: Landed = field(default_factory=Landed)
    requests: int = 0
    skipped: str | None = None
    problem: str | None = None


def collect_pagerduty(settings: Settings, warehouse: "Warehouse", run_id: UUID) -> PagerDutyReport:
    """Land what is new in PagerDuty; nothing is asked where no token is set.

    Raises:
        DatabaseError: the warehouse cannot be used.
    """
    client = pagerduty_client(settings)
    if client is None:
        return PagerDutyReport(skipped=SKIPPED)
    from roosevelt_pipeline.sources.pagerduty.collect import Session, collect_incidents
    from roosevelt_pipeline.sources.pagerduty.errors import PagerDutyError
    from roosevelt_pipeline.warehouse.connections import Role

    problem = None
    try:
        with warehouse.connect(Role.INGEST, autocommit=True) as connection:
            session = Session(client, connection, settings.pagerduty, run_id)
            try:
                collect_incidents(session)
            except PagerDutyError as error:
                problem = str(error)
            return PagerDutyReport(session.landed, client.requests, problem=problem)
    finally:
        client.close()


def pagerduty_client(settings: Settings) -> "PagerDutyClient | None":
    """A client, if there is a token for it."""
    token = settings.pagerduty_token
    if token is None or not token.get_secret_value().strip():
        return None
    from roosevelt_pipeline.sources.pagerduty.client import PagerDutyClient

    return PagerDutyClient(token, settings.pagerduty.api_url, timeout=settings.pagerduty.request_timeout_seconds)


def unknown_services(client: "PagerDutyClient", settings: PagerDutySettings) -> list[str]:
    """Services that the policy names and PagerDuty does not know; asks for incidents too, so that the key is tried.

    Raises:
        PagerDutyError: it cannot be read.
    """
    from roosevelt_pipeline.sources.pagerduty.services import read_services

    client.get("/incidents", limit=1)
    known = {word.lower() for service in read_services(client) for word in service} if settings.services else set()
    return sorted(name for name in settings.services if name.lower() not in known)
