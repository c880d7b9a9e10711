"""A message that says that it is a test, over one route."""

from datetime import datetime
from uuid import uuid4

from roosevelt_pipeline.alerting.channels import send
from roosevelt_pipeline.alerting.envelopes import Envelope, Outcome
from roosevelt_pipeline.alerting.switching import AlertError
from roosevelt_pipeline.sections import suggestion
from roosevelt_pipeline.settings import Settings

_ITEM = {
    "alert_id": "00000000", "scope_type": "team", "scope": "nobody", "label": "Test",
    "said": "This is a test. All is well.",
    "value": None, "target": None, "unit": "", "opened_by": "roosevelt alerts list",
}  # fmt: skip


def try_route(settings: Settings, name: str, now: datetime) -> Outcome:
    """Send it once. Of PagerDuty an event that resolves what was never opened, so that nobody is called.

    Raises:
        AlertError: there is no such route.
    """
    routes = {route.name: route for route in settings.alerts.routes}
    if name not in routes:
        raise AlertError(f"there is no route {name!r}{suggestion(name, routes)}")
    kind = "recovered" if routes[name].channel == "pagerduty" else "opened"
    day = now.date()
    content = {
        "kind": kind, "rule": "test", "severity": "info", "says": "Nothing. You would read here what to do.",
        "owner": None,
        "runbook": None, "day": str(day), "items": [_ITEM | {"target": None, "opened": str(day)}],
    }  # fmt: skip
    number = uuid4()
    return send(settings, routes[name], Envelope(str(number), number.hex, content, False))
