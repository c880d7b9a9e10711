"""What is worth an alert, and where it goes: ``[alerts]`` of roosevelt.toml."""

import csv
from collections.abc import Iterator
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.sections import Section, suggestion

SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
ANY = "*"
Severity = Literal["critical", "warning", "info"]
Channel = Literal["slack", "email", "pagerduty", "webhook"]
ScopeType = Literal["service", "team", "organization"]
_FORECAST_DAYS = 7
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")

# No news of their own. What moves a part of the lead time moves the lead time: parts say where to look. And a repair is
# in the numbers once it is over, when those who made it know; a median of a few tells nobody else much.
EXPLAINED_ELSEWHERE = (
    "coding_time_hours", "pickup_time_hours", "review_time_hours", "delivery_time_hours",
    "failed_deployment_recovery_time_hours", "mttr_hours",
)  # fmt: skip
# As the page of metrics states them. A threshold alone fires on noise, so what counts asks chance as well.
DEFAULT_RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "low_activity", "metric": "deployment_frequency_per_day", "falls_by_ratio": 0.5,
        "worse_than_baseline": True, "chance": 0.001, "minimum": 10,
        "says": "Deployments fell by more than half within a week. Investigate blockers.",
    },
    {
        "name": "bottleneck", "metric": "change_lead_time_hours", "times_baseline": 3.0, "above": 48.0,
        "anomaly": True, "chance": 0.001, "severity": "critical", "hides": ("anomaly", "low_activity"),
        "says": "Changes take far longer to reach production than they used to. Review the pull request queue.",
    },
    {
        "name": "quality_issue", "metric": "change_failure_rate_pct", "above": 25.0, "worse_than_baseline": True,
        "chance": 0.001, "severity": "critical", "pages": True, "hides": ("anomaly", "low_activity"),
        "says": "More than a quarter of the deployments failed. Start an incident review.",
    },
    {
        "name": "burnout_risk", "metric": "satisfaction_score", "below": 3.0, "repeat_days": 28,
        "says": "Satisfaction is low. Talk with the team, not about a person.",
    },
    {
        "name": "meeting_overload", "metric": "deep_work_pct", "below": 50.0, "for_days": 8,
        "says": "Less than half of the working time is left to focus. Suggest blocks without meetings.",
    },
    {
        "name": "anomaly", "metric": ANY, "anomaly": True, "except_metrics": EXPLAINED_ELSEWHERE,
        "says": "This is outside of what is ordinary. Look at the chart.",
    },
)  # fmt: skip


@cache
def measures() -> dict[str, str]:
    """What a rule can be about, and which law it follows: count, ratio, duration, days or figure (of SPACE)."""
    laws = {"per_day": "count", "count": "count", "ratio": "ratio", "median": "duration", "share_of_days": "days"}
    with (SEEDS / "metric_catalog.csv").open(encoding="utf-8") as file:
        delivery = {one["metric"]: laws[one["aggregation"]] for one in csv.DictReader(file)
                    if one["aggregation"] in laws}  # fmt: skip
    with (SEEDS / "space_catalog.csv").open(encoding="utf-8") as file:
        return delivery | {one["figure"]: "figure" for one in csv.DictReader(file)}


def _known(what: str, names: Any, known: tuple[str, ...]) -> Any:
    """The same names; what is no list is left to be refused for that."""
    for name in names if isinstance(names, list | tuple) else ():
        if isinstance(name, str) and name not in known:
            raise ValueError(f"no {what} {name!r}{suggestion(name, known)}")
    return names


class QuietHours(Section):
    """When nobody is disturbed but by what is critical; the rest waits."""

    starts: time
    ends: time


class AlertRule(Section):
    """When something is told. All conditions that are given have to hold together."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="One of the six keeps its other keys.")
    metric: str = Field(description="Of the metric catalogue or of SPACE's; * for any, with anomaly.")
    except_metrics: tuple[str, ...] = Field((), description="With metric *: those that are not told.")
    enabled: bool = True
    scope_types: tuple[ScopeType, ...] = Field(("team", "organization"), min_length=1)
    scopes: tuple[str, ...] = Field((ANY,), min_length=1, description="Patterns of their names.")
    window_days: Literal[7, 28, 90] = Field(7, description="Length of the window that is looked at.")
    above: float | None = Field(None, description="The value is above it; of counts, in the catalogue's unit.")
    below: float | None = Field(None, description="The value is below it.")
    times_baseline: float | None = Field(None, gt=1, description="More than so many times its 90 days before.")
    worse_than_baseline: bool = Field(False, description="Worse than its 90 days before.")
    falls_by_ratio: float | None = Field(None, gt=0, le=1, description="Less than the window before by this share.")
    rises_by_ratio: float | None = Field(None, gt=0, description="More than the window before by this share.")
    anomaly: bool = Field(False, description="The search for anomalies has found it.")
    forecast_days: int | None = Field(None, ge=1, le=90, description="It will cross above or below within so many.")
    chance: float | None = Field(None, gt=0, lt=1, description="Most chance at which as much happens by itself.")
    minimum: int = Field(5, ge=1, description="Events in the window, or in the one it is compared with.")
    for_days: int = Field(1, ge=1, le=28, description="Days in a row on which it has to hold.")
    recovers_after_days: int = Field(2, ge=1, le=28, description="Days in a row on which it must not.")
    cool_down_days: int = Field(7, ge=0, le=90, description="After its end the same is not told again.")
    repeat_days: int = Field(7, ge=1, le=90, description="What stays is told again.")
    quiet_hours: QuietHours | None = Field(None, description="Instead of alerts.quiet_hours; none if both are equal.")
    severity: Severity = "warning"
    pages: bool = Field(False, description="Goes to routes that page; critical rules alone.")
    hides: tuple[str, ...] = Field((), description="Rules whose alerts of the same scope it explains.")
    routes: tuple[str, ...] = Field((ANY,), description="Names of routes; all that take its severity if unset.")
    owner: str | None = Field(None, max_length=80)
    runbook: str | None = Field(None, pattern="^https?://", max_length=500)
    says: str = Field(min_length=1, max_length=300, description="What to do.")

    @field_validator("metric")
    @classmethod
    def metric_exists(cls, name: str) -> str:
        if name != ANY and name not in measures():
            raise ValueError(f"no metric {name!r} that a rule can be about{suggestion(name, measures())}")
        return name

    @field_validator("except_metrics")
    @classmethod
    def exceptions_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cls.metric_exists(name) for name in names)

    @field_validator("scope_types", mode="before")
    @classmethod
    def scope_types_exist(cls, names: Any) -> Any:
        return _known("scope type", names, get_args(ScopeType))

    @property
    def law(self) -> str:
        return measures().get(self.metric, "any")

    @model_validator(mode="after")
    def can_be_judged(self) -> "AlertRule":
        compared = (self.times_baseline, self.falls_by_ratio, self.rises_by_ratio, self.worse_than_baseline or None)
        if self.metric == ANY and (not self.anomaly or any(one is not None for one in (*compared, self.above,
                                                                                        self.below))):  # fmt: skip
            raise ValueError(f'{self.name}: metric "*" goes with anomaly = true and no other condition')
        if self.forecast_days is not None and (self.above is None) == (self.below is None):
            raise ValueError(f"{self.name}: forecast_days needs above or below: what will be crossed")
        if not self.anomaly and all(one is None for one in (*compared, self.above, self.below)):
            raise ValueError(f"{self.name}: no condition; give above, below, times_baseline, worse_than_baseline, "
                             "falls_by_ratio, rises_by_ratio, anomaly or forecast_days")  # fmt: skip
        if self.chance is not None and self.law == "figure":
            raise ValueError(
                f"{self.name}: chance cannot be asked of {self.metric}: a figure of persons is not counted"
            )
        if self.law in ("figure", "days") and (self.anomaly or self.forecast_days):
            raise ValueError(f"{self.name}: {self.metric} is neither searched for anomalies nor forecast")
        if self.forecast_days is not None and self.law == "count" and self.window_days != _FORECAST_DAYS:
            raise ValueError(f"{self.name}: counts are forecast by the week, so forecast_days needs window_days = 7")
        if self.pages and self.severity != "critical":
            raise ValueError(f'{self.name}: pages needs severity = "critical"')
        return self

    def is_about(self, scope_type: str, scope: str) -> bool:
        return scope_type in self.scope_types and matches_any(scope, self.scopes)


class AlertRoute(Section):
    """A way out. Its secret comes from the environment; where that is unset nothing is sent."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    channel: Channel
    severities: tuple[Severity, ...] = Field(("critical", "warning"), min_length=1)
    notes: tuple[Literal["failures", "summary", "review"], ...] = Field(
        (), description="Failed runs, the page of each month, the review of each week."
    )
    digest: Literal["daily", "weekly"] | None = Field(
        None, description="Gathers what it takes into one message a day, or each Monday."
    )
    to: tuple[str, ...] = Field((), description="Addresses of e-mail, or Slack's channel for a bot token.")

    @field_validator("channel", mode="before")
    @classmethod
    def channel_exists(cls, name: Any) -> Any:
        _known("channel", [name], get_args(Channel))
        return name

    @field_validator("severities", mode="before")
    @classmethod
    def severities_exist(cls, names: Any) -> Any:
        return _known("severity", names, SEVERITIES)

    @model_validator(mode="after")
    def leads_somewhere(self) -> "AlertRoute":
        if self.channel == "email" and not self.to:
            raise ValueError(f"{self.name}: e-mail needs to, the addresses")
        if self.channel == "pagerduty" and self.notes:
            raise ValueError(f"{self.name}: PagerDuty takes no notes; it knows incidents alone")
        if self.digest and self.channel == "pagerduty":
            raise ValueError(f"{self.name}: PagerDuty calls people; it takes no digest")
        if self.digest and "critical" in self.severities:
            raise ValueError(
                f'{self.name}: a digest waits, and critical alerts must not; give severities = ["warning", "info"]'
            )
        if self.channel == "slack" and len(self.to) > 1:
            raise ValueError(f"{self.name}: one channel of Slack's for each route")
        if any("\n" in one or "\r" in one for one in self.to):
            raise ValueError(f"{self.name}: to has a line break")
        return self


class AlertSettings(Section):
    """Rules, routes and how they are treated."""

    rules: tuple[AlertRule, ...] = Field(
        tuple(AlertRule(**one) for one in DEFAULT_RULES), description="Beside the six that are there without it."
    )
    routes: tuple[AlertRoute, ...] = (
        AlertRoute(name="slack", channel="slack", notes=("failures", "summary", "review")),
        AlertRoute(name="pagerduty", channel="pagerduty", severities=("critical",)),
        AlertRoute(name="webhook", channel="webhook"),
    )
    quiet_hours: QuietHours | None = Field(None, description="In metrics.timezone.")
    digest_at: time = Field(time(8), description="When digests are made, in metrics.timezone.")
    stale_after_days: int = Field(2, ge=1, le=30, description="Data older than this is an alert, and no recovery.")
    expires_after_days: int = Field(28, ge=2, le=365, description="What cannot be judged for so long is over.")
    attempts: int = Field(10, ge=1, le=50, description="Tries of a message until it is given up, and that is told.")
    request_timeout_seconds: float = Field(15, gt=0)
    address: str | None = Field(None, description="Where readers reach `roosevelt serve`, to judge alerts by a link.")
    sender: str | None = Field(None, description="Address that e-mail comes from; surveys.sender if unset.")
    bounces_to: str | None = Field(
        None,
        pattern=r"^[^\s@<>]+@[^\s@<>]+$",
        description="Where mail servers report what they could not deliver later.",
    )
    pagerduty_url: str = Field("https://events.pagerduty.com", description="events.eu.pagerduty.com for the EU.")

    @field_validator("pagerduty_url", "address")
    @classmethod
    def keys_travel_encrypted(cls, address: str | None) -> str | None:
        if address is not None and not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("must begin with https://, because keys travel there")
        return address and address.rstrip("/")

    @field_validator("rules", mode="before")
    @classmethod
    def the_six_are_there(cls, given: Any) -> Any:
        """Rules of the file first, so that a fault is told with its place there; the six lend what is not said."""
        if not isinstance(given, list | tuple) or not all(isinstance(one, dict) for one in given):
            return given
        lent = {one["name"]: one for one in DEFAULT_RULES}
        told = {one.get("name") for one in given}
        return [lent.get(one.get("name"), {}) | one for one in given] + [
            one for name, one in lent.items() if name not in told
        ]

    @model_validator(mode="after")
    def names_fit_together(self) -> "AlertSettings":
        names, routes = [one.name for one in self.rules], [one.name for one in self.routes]
        for kind, given in (("rules", names), ("routes", routes)):
            for name in given:
                if given.count(name) > 1:
                    raise ValueError(f"{kind}: {name!r} is declared {given.count(name)} times; keep one")
        for index, rule in enumerate(self.rules):
            for key, wanted, known in (("hides", rule.hides, names), ("routes", rule.routes, [*routes, ANY])):
                for name in wanted:
                    if name not in known:
                        raise ValueError(f"rules.{index}.{key}: there is no {name!r}{suggestion(name, known)}")
        return self

    def active(self) -> Iterator[AlertRule]:
        return (rule for rule in self.rules if rule.enabled)

    def routes_of(self, rule: AlertRule) -> list[AlertRoute]:
        """Where a rule's alerts go: the named routes that take its severity; those that page, if it pages."""
        return [
            route for route in self.routes
            if rule.severity in route.severities
            and (ANY in rule.routes or route.name in rule.routes)
            and (route.channel != "pagerduty" or rule.pages)
        ]  # fmt: skip
