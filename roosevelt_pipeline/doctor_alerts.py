"""What `roosevelt doctor` says of alerts: which routes lead somewhere."""

from collections.abc import Iterator

from roosevelt_pipeline.alert_settings import AlertRoute
from roosevelt_pipeline.doctor import Check
from roosevelt_pipeline.settings import Settings

_NEEDS = {
    "pagerduty": "PAGERDUTY_ROUTING_KEY",
    "webhook": "ALERT_WEBHOOK and ALERT_WEBHOOK_SECRET",
    "email": "surveys.smtp_host and alerts.sender",
}


def examine_alerts(settings: Settings) -> Iterator[Check]:
    """Whether each route has what it needs; of those that are there by default only that some route has."""
    from roosevelt_pipeline.alerting.messages import is_usable

    usable = [route.name for route in settings.alerts.routes if is_usable(settings, route)]
    if "routes" in settings.alerts.model_fields_set:
        for route in settings.alerts.routes:
            if route.name not in usable:
                yield Check(
                    "odd", "alerts", f"the route {route.name} cannot be used",
                    f"set {_need(route)}, or take it out of alerts.routes",
                )  # fmt: skip
    if settings.takes_buttons:
        yield Check(
            "good", "alerts", "buttons are heard of at /alerts/slack and /alerts/pagerduty of `roosevelt serve`"
        )
    if usable:
        yield Check("good", "alerts", f"go to {', '.join(usable)} once `roosevelt alerts enable` was run")


def _need(route: AlertRoute) -> str:
    return _NEEDS.get(route.channel) or ("SLACK_BOT_TOKEN" if route.to else "SLACK_WEBHOOK")
