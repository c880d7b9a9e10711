"""Every number that an insight depends on, in one versioned place."""

from dataclasses import dataclass, field

MODEL_VERSION = "tests-1"

# How much a reader can do about each kind, from 0 to 1: the first factor of its usefulness.
KINDS = {
    "weekday_failures": 1.0,
    "last_week": 0.9,
    "deployment_window": 0.8,
    "pull_request_size": 0.8,
    "trend": 0.7,
    "bottleneck": 0.7,
    "review_comments": 0.5,
}
BLOCKS = {0: "at night (0 to 8)", 1: "in the morning (8 to 12)", 2: "in the afternoon (12 to 17)",
          3: "in the evening (17 to 24)"}  # fmt: skip
BLOCK_HOURS = (8, 12, 17)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STAGES = ("coding_time_hours", "pickup_time_hours", "review_time_hours", "delivery_time_hours")


@dataclass(frozen=True)
class Parameters:
    """When something is told.

    Attributes:
        most_false: expected share of false ones among all that is told; each kind of insight gets an equal part of it.
        failure_days: how far back deployments are compared by weekday and hour.
        least_deployments: of a weekday or a window, and as many outside it.
        least_failures: of the whole scope.
        least_power: where a rate twice as high would be found less often than this, nothing found means nothing.
        permutations: how often whole days change places.
        block_days: only days of the same so many days change places with each other.
        change_weeks: changes from week to week that the newest one is held against.
        least_changes: how many of them there have to be.
        least_events: of last week, or of the one before.
        trend_weeks: length of a trend, and how many of its weeks have to hold data.
        least_trend_weeks: see there.
        change_days: how far back changes are compared by size, comments and stages.
        least_items: changes that there have to be.
        least_weeks: weeks that they have to be of: changes of one week are alike, so weeks are what is counted.
        least_ratio: effects smaller than this are not worth a word, by kind.
        repeat_days: after so many days what is still true is told again.
        material: so much larger or smaller than when it was last told is news.
    """

    most_false: float = 0.05
    failure_days: int = 365
    least_deployments: int = 20
    least_failures: int = 8
    least_power: float = 0.8
    permutations: int = 1_999
    block_days: int = 28
    change_weeks: int = 26
    least_changes: int = 12
    least_events: int = 5
    trend_weeks: int = 26
    least_trend_weeks: int = 16
    change_days: int = 182
    least_items: int = 60
    least_weeks: int = 12
    least_ratio: dict[str, float] = field(
        default_factory=lambda: {
            "weekday_failures": 1.5, "deployment_window": 1.5, "last_week": 1.5, "trend": 1.25,
            "pull_request_size": 1.25, "review_comments": 1.25, "bottleneck": 1.25,
        }
    )  # fmt: skip
    repeat_days: int = 28
    material: float = 1.5

    @property
    def level(self) -> float:
        """The false-discovery rate within one kind."""
        return self.most_false / len(KINDS)
