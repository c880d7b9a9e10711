"""The state of each series: nothing, or an incident that is open, and what became of the earlier ones."""

from dataclasses import dataclass, field

import numpy as np

from roosevelt_pipeline.stats.anomalies.tails import Array


@dataclass
class Finding:
    """One incident of one series; rows are indices into the panel's calendar.

    Attributes:
        is_high: whether more was seen than expected.
        onset: first row of the window that gave it away; ``found`` the last, on which it was raised.
        window: length of that window.
        seen, exposure, level: sums of the window, and the level of the baseline.
        variance: of what was expected to be seen.
        chance: of a window this far out.
        ended: last row of the incident; missing while it is open.
        outcome: open, back_to_normal, or new_normal.
        is_renewed: whether the same cause came back before it had been over for long.
    """

    series: int
    is_high: bool
    is_bad: bool
    onset: int
    found: int
    window: int
    seen: float
    exposure: float
    level: float
    variance: float
    chance: float
    effect: float
    freedom: float
    ended: int | None = None
    outcome: str = "open"
    is_renewed: bool = False


@dataclass
class Tracker:
    """Of every series, what is going on.

    Attributes:
        open: the open finding, if any.
        excluded: rows that are no part of the baseline; shape (series, rows).
        restart: first row of the baseline.
    """

    series: int
    rows: int
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open: dict[int, Finding] = {}
        self.latest: dict[int, Finding] = {}
        self.excluded: Array = np.zeros((self.series, self.rows), bool)
        self.restart: Array = np.zeros(self.series, int)

    def raise_finding(self, finding: Finding, same_cause_rows: int) -> None:
        """Open an incident; or open the last one again, if this is more of the same."""
        last = self.latest.get(finding.series)
        is_same = (
            last is not None
            and last.is_high == finding.is_high
            and last.ended is not None
            and last.outcome == "back_to_normal"
            and finding.onset - last.ended <= same_cause_rows
        )
        if is_same and last is not None:
            last.ended, last.outcome, last.is_renewed = None, "open", True
            finding = last
        else:
            self.findings.append(finding)
        self.open[finding.series] = self.latest[finding.series] = finding
        self.excluded[finding.series, finding.onset : finding.found + 1] = True

    def exclude(self, row: int) -> None:
        """What goes on is no part of the baseline."""
        for series in self.open:
            self.excluded[series, row] = True

    def close(self, series: int, first_normal_row: int, row: int) -> None:
        """It is over: what came after counts again."""
        finding = self.open.pop(series)
        finding.ended, finding.outcome = first_normal_row - 1, "back_to_normal"
        self.excluded[series, first_normal_row : row + 1] = False

    def accept(self, series: int, row: int) -> None:
        """It lasts: the baseline begins anew at the onset."""
        finding = self.open.pop(series)
        finding.ended, finding.outcome = row, "new_normal"
        self.excluded[series, finding.onset : row + 1] = False
        self.restart[series] = finding.onset
