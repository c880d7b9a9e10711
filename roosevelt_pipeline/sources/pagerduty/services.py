"""What PagerDuty calls its services."""

from collections.abc import Iterator

from roosevelt_pipeline.sources.pagerduty.client import PagerDutyClient

PAGE = 100


def read_services(client: PagerDutyClient) -> Iterator[tuple[str, str]]:
    """Id and name of each service that the token sees.

    Raises:
        PagerDutyError: it cannot be read.
    """
    offset, more = 0, True
    while more:
        answer = client.get("/services", limit=PAGE, offset=offset)
        for service in answer.body.get("services") or []:
            yield str(service.get("id")), str(service.get("name"))
        more, offset = bool(answer.body.get("more")), offset + PAGE
