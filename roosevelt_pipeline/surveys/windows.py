"""When the survey of a quarter opens, when people are reminded, when it closes. All in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from roosevelt_pipeline.settings import SurveySettings
from roosevelt_pipeline.sources.surveys.quarters import Quarter, quarter_of


@dataclass(frozen=True)
class Window:
    """The days in which a quarter's survey takes answers."""

    quarter: Quarter
    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at


def window_of(quarter: Quarter, settings: SurveySettings) -> Window:
    """From the day of the quarter on that the policy names, for as many days as it says."""
    opens_at = datetime.combine(quarter.first_day, time(), UTC) + timedelta(days=settings.first_day - 1)
    return Window(quarter, opens_at, opens_at + timedelta(days=settings.open_days))


def current_window(now: datetime, settings: SurveySettings) -> Window:
    return window_of(quarter_of(now.date()), settings)
