"""Every number that the search for anomalies depends on, in one versioned place."""

from dataclasses import dataclass, field

MODEL_VERSION = "windows-3"
LAWS = ("count", "ratio", "duration", "mean")


@dataclass(frozen=True)
class Limits:
    """When a window is out of the ordinary, for one law.

    Attributes:
        chance: a window of a week that is less probable than this is taken seriously.
        low: largest effect downwards that is still not worth a word: of counts and means a factor on what was expected,
            of durations too, of ratios likewise.
        high: the same upwards.
        least: smallest difference in units that is worth a word: events, hits, or hours.
        wandering: how far a level wanders by itself: relative to the level, of durations on the scale of logarithms.
        surge: factor on ``chance`` for series of which more is bad: such counts are sparse, and what is won by waiting
            for more of them is lost.
        items: windows with fewer are not judged (durations, means): one long repair is no slow team.
    """

    chance: float
    low: float
    high: float
    least: float = 0.0
    wandering: float = 0.1
    surge: float = 1.0
    items: int = 0


@dataclass(frozen=True)
class Parameters:
    """How series are judged. Chosen on generated series of the part that is for choosing, see docs/statistics.md.

    Attributes:
        windows: lengths of the windows that are tested, in rows (days).
        baseline_rows: how far back the baseline reaches before a window.
        half_life: rows after which a row of the baseline counts half.
        history_rows: rows that a series has to reach back before it is judged, and ``least_rows`` those that hold
            data in the baseline, of each window too: under either there is not enough history.
        profile_strength: how many rows' worth of a flat week a weekday profile is drawn towards.
        dispersion_strength: how many rows' worth of ``dispersion`` an estimated dispersion is drawn towards.
        dispersion: before anything is known, a day's rate varies like a gamma variable of this shape (counts).
        spending: short windows are tested more often, so their limit is stricter: a power of their weeks.
        calibration_strength: how many independent windows' worth of ``calibration`` the check of a series' own past
            limits is drawn towards.
        closing_evidence: log-likelihood ratio at which the last days are believed to be normal again.
        closing_windows: how many last days are looked at for that.
        lasting_rows: rows after which what goes on is the new normal.
        same_cause_rows: a finding of the same direction this soon after the last one ended is the same incident.
    """

    windows: tuple[int, ...] = (1, 2, 3, 5, 7, 10, 14, 21, 28)
    baseline_rows: int = 240
    half_life: float = 90.0
    history_rows: int = 28
    least_rows: int = 8
    profile_strength: float = 3.0
    dispersion_strength: float = 15.0
    dispersion: float = 3.0
    spending: float = 1.0
    calibration_strength: float = 12.0
    calibration: float = 1.1
    closing_evidence: float = 5.0
    closing_windows: tuple[int, ...] = (2, 3, 5, 7, 10)
    lasting_rows: int = 60
    same_cause_rows: int = 14
    limits: dict[str, Limits] = field(
        default_factory=lambda: {
            "count": Limits(1.5e-4, 0.65, 1.7, 2.0, 0.14, surge=3.0),
            "ratio": Limits(2e-4, 0.5, 1.6, 2.0, 0.1),
            "duration": Limits(3e-4, 0.7, 1.4, 0.0, 0.08, items=8),
            "mean": Limits(2.5e-4, 0.88, 1.12, 0.0, 0.03),
        }
    )


@dataclass(frozen=True)
class SurveyParameters:
    """How surveys are judged: rows are periods, mostly quarters.

    Attributes:
        chance: a period less probable than this is taken seriously.
        least: smallest difference of means that is worth a word, in points of the scale.
        wandering: how far a team's mean wanders from period to period by itself.
        least_answers: periods with fewer are as if nobody had been asked.
        baseline_periods: how many periods before are compared with.
        history_periods: how many of them there must be.
        lasting_periods: periods after which what goes on is the new normal.
    """

    chance: float = 5e-3
    least: float = 0.3
    wandering: float = 0.1
    least_answers: int = 3
    baseline_periods: int = 6
    history_periods: int = 3
    lasting_periods: int = 3
