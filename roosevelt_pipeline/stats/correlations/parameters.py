"""What is looked at, and every number that the verdict depends on: declared before any data are seen."""

from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

MODEL_VERSION = "changes-1"
LAWS = ("count", "ratio", "duration", "mean")
WEEK_LAGS, QUARTER_LAGS = (-2, -1, 0, 1, 2), (0,)
Period = Literal["week", "quarter"]


@dataclass(frozen=True)
class Pair:
    """Two metrics that are held against each other.

    Attributes:
        lags: in periods; at 1 the second metric is looked at one period after the first. Each is a test of its own.
        is_asked: whether somebody asked for it; the others are the exploration.
    """

    first: str
    second: str
    period: Period = "week"
    lags: tuple[int, ...] = WEEK_LAGS
    is_asked: bool = True


ASKED = (
    Pair("deployment_frequency_per_day", "change_lead_time_hours"),
    Pair("change_lead_time_hours", "change_failure_rate_pct"),
    Pair("focus_hours", "defect_density"),
    Pair("meeting_hours", "satisfaction_score", "quarter", QUARTER_LAGS),
    Pair("cross_team_prs", "deployment_frequency_per_day"),
)

# What is explored, by what it is made of: within a line one metric follows from the other by arithmetic. Activity of
# persons is not among it: whoever commits more shall not be told what that goes with.
_EXPLORED = (
    ("deployment_frequency_per_day",),
    ("change_lead_time_hours", "pickup_time_hours"),
    ("change_failure_rate_pct", "incidents_opened"),
    ("failed_deployment_recovery_time_hours",),
    ("focus_hours", "meeting_hours"),
    ("cross_team_prs",),
    ("async_communication_score",),
    ("pr_review_depth",),
    ("code_coverage_pct",),
    ("defect_density",),
)


def explored() -> tuple[Pair, ...]:
    """The bounded exploration: pairs across the lines above that nobody asked for, in the same week."""
    asked = {frozenset((one.first, one.second)) for one in ASKED}
    pairs = [
        Pair(one, other, lags=(0,), is_asked=False)
        for line, following in combinations(_EXPLORED, 2)
        for one in line
        for other in following
    ]
    return tuple(pair for pair in pairs if frozenset((pair.first, pair.second)) not in asked)


@dataclass(frozen=True)
class Parameters:
    """When two metrics are said to move together.

    Attributes:
        pairs: all that is looked at.
        least_periods: independent periods that there have to be.
        memory: how many periods apart changes are still taken to resemble each other.
        most_false: expected share of false ones among those that are called significant.
        strong: coefficients beyond this are strong, if they are significant as well.
    """

    pairs: tuple[Pair, ...] = field(default_factory=lambda: ASKED + explored())
    least_periods: int = 12
    memory: int = 3
    most_false: float = 0.05
    strong: float = 0.7
