"""The two rules that cannot be turned off, and the command that shows what is behind an alert."""

from roosevelt_pipeline.alert_settings import AlertRule, measures
from roosevelt_pipeline.alerting.statuses import Judged

STALE = AlertRule(
    name="data_stopped", metric="collection_reliability_pct", below=100, severity="critical", recovers_after_days=1,
    says="Nothing new is measured, so no other alert can open or recover. Look at the last runs.",
)  # fmt: skip
UNDELIVERED = AlertRule(
    name="undelivered", metric="collection_reliability_pct", below=100, severity="critical", recovers_after_days=1,
    says="Messages to this route were given up. Check its secret and address, then `roosevelt alerts retry`.",
)  # fmt: skip
BUILT_IN = (STALE, UNDELIVERED)


def opening(one: Judged) -> str:
    """The command that shows what is behind an alert."""
    if one.rule is STALE:
        return "roosevelt status"
    if one.rule is UNDELIVERED:
        return "roosevelt alerts list"
    if measures().get(one.metric) == "figure":
        return f"select * from space_summary where figure = '{one.metric}'"
    days = one.rule.window_days
    return f"roosevelt explain {one.metric} --scope {one.scope_type}:{one.scope} --date {one.day} --window {days}"
