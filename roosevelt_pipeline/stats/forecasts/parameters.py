"""Every number that forecasts depend on, in one versioned place."""

from dataclasses import dataclass, field

MODEL_VERSION = "paths-2"
WEEK = 7
DAYS_AHEAD, WEEKS_AHEAD, WEEKS_AHEAD_OF_DURATIONS = 90, 12, 13
WINDOW_DAYS = 28  # of the rolling value, and of the tier that is waited for


@dataclass(frozen=True)
class Drift:
    """How a level moves away from what was last known of it, relative to itself.

    Attributes:
        prior: standard deviation a month ahead, before the series has said anything.
        strength: how many looks back at itself the prior is worth.
        least, most: between which a series' own standard deviation may lie.
        scale: what it is multiplied by, so that intervals hold what they say.
    """

    prior: float
    strength: float
    least: float = 0.05
    most: float = 0.9
    scale: float = 1.12


@dataclass(frozen=True)
class Parameters:
    """How futures are drawn. Chosen on the part of the series that is for choosing, see docs/statistics.md.

    Attributes:
        seed: of all chance, together with a series' own key.
        paths: how many futures are drawn of each series; ``backtest_paths`` in each look back.
        memory_rows: how far back anything is learnt from.
        history_rows, least_rows: rows that a series has to reach back, and those of them that have to hold data; weeks
            for ``history_weeks`` and ``least_weeks``.
        level_half_life, profile_half_life: rows after which a row counts half, for the level and for days of the week.
        weeks_half_life: weeks after which a week counts half, where weeks are forecast by themselves (durations).
        profile_strength: how many rows' worth of a flat week a profile is drawn towards.
        quiet_share, quiet_strength: what a holiday sees of an ordinary day, before the series has said so, and how many
            days that is worth.
        dispersion, dispersion_strength: variance over mean of a day's count, and how many events that guess is worth.
        rate, rate_strength: the ratio before anything is known, and how many trials that is worth.
        alike: how much the outcomes of one day resemble each other (correlation), ``alike_strength`` in days.
        day_share: variance of a day's own over that of one item, of durations.
        drift_memory: weeks after which half of what a level has strayed is forgotten; ``walk_share`` of the variance is
            not, and grows with time.
        drifts: by law.
        origins: how many looks back a backtest takes, ``origin_step`` days apart.
    """

    seed: int = 20_261
    paths: int = 500
    backtest_paths: int = 200
    memory_rows: int = 364
    history_rows: int = 42
    least_rows: int = 8
    history_weeks: int = 8
    least_weeks: int = 6
    level_half_life: float = 60.0
    profile_half_life: float = 180.0
    weeks_half_life: float = 10.0
    profile_strength: float = 6.0
    quiet_share: float = 0.25
    quiet_strength: float = 5.0
    dispersion: float = 1.5
    dispersion_strength: float = 10.0
    rate: float = 0.12
    rate_strength: float = 6.0
    alike: float = 0.03
    alike_strength: float = 20.0
    day_share: float = 0.05
    drift_memory: float = 2.0
    walk_share: float = 0.3
    drifts: dict[str, Drift] = field(
        default_factory=lambda: {"count": Drift(0.3, 1.0), "ratio": Drift(0.3, 1.0), "duration": Drift(0.15, 4.0)}
    )
    origins: int = 6
    origin_step: int = 28
