"""Walk through a panel day by day, with what was known on each day, and find its incidents."""

import numpy as np

from roosevelt_pipeline.stats.anomalies.baselines import Step, Weights, take_step, with_profile
from roosevelt_pipeline.stats.anomalies.incidents import Finding, Tracker
from roosevelt_pipeline.stats.anomalies.laws import LAW_OF, Law, Sums
from roosevelt_pipeline.stats.anomalies.parameters import Parameters
from roosevelt_pipeline.stats.anomalies.tails import Array
from roosevelt_pipeline.stats.panels import Panel

_WORTH_A_LOOK = 2.0  # standard errors: windows nearer to what was expected are not tested
_CLIPPED_AT = 9.0  # of squared standard errors, so that one bad day does not widen limits for a year
_FORGETS_IN = 120.0
_CLEARLY = 0.5  # a longer window has to be so much less probable to be taken for the incident's beginning


class Search:
    """One pass over a panel. `run` gives the findings, in the order in which they were raised."""

    def __init__(self, panel: Panel, parameters: Parameters) -> None:
        self.panel, self.parameters = panel, parameters
        self.law: Law = LAW_OF[panel.law]
        self.limits = parameters.limits[panel.law]
        self.weights = Weights(parameters)
        series, rows = panel.value.shape
        self.tracker = Tracker(series, rows)
        self.seen, self.exposure = self.law.rows(panel.value, panel.n)
        is_left_out = panel.is_quiet & ~panel.is_bad_high[:, None] if panel.law == "count" else np.zeros((1, 1), bool)
        self.usable = (self.exposure > 0) & ~is_left_out
        self._enough = self._holds_enough()
        self._first = np.where(self.usable.any(axis=1), self.usable.argmax(axis=1), rows)
        lengths = np.array(parameters.windows, float)
        of_series = self.limits.chance * np.where(panel.is_bad_high, self.limits.surge, 1.0)
        self._chances = of_series[:, None] * (lengths / 7) ** parameters.spending
        self._squares = np.zeros((series, len(lengths)))
        self._count = np.zeros((series, len(lengths)))
        self._independent = 1 / lengths
        # What counts of each row, behind as many empty rows as a step looks back on: every stretch is a view of it.
        pad = ((0, 0), (self.weights.length - 1, 0))
        self._seen, self._exposure = (np.pad(np.where(self.usable, one, 0.0), pad)
                                      for one in (self.seen, self.exposure))  # fmt: skip
        self._phase = np.pad(panel.phase, pad[1])

    def run(self) -> list[Finding]:
        for row in range(self.parameters.history_rows, self.panel.value.shape[1]):
            self._step(row)
        return self.tracker.findings

    def _step(self, row: int) -> None:
        self.tracker.exclude(row)
        going_on = list(self.tracker.open)
        stretch = slice(row, row + self.weights.length)
        self._seen[going_on, stretch.stop - 1] = self._exposure[going_on, stretch.stop - 1] = 0.0
        step = take_step(self.law, self.weights, self._seen[:, stretch], self._exposure[:, stretch],
                         self._phase[stretch], self.panel.season)  # fmt: skip
        for series in going_on:
            self._follow(series, row, step)
        self._look(row, step)

    def _count_anew(self, series: int) -> None:
        """After an incident began or ended: which rows of a series count."""
        counts = self.usable[series] & ~self.tracker.excluded[series]
        counts[: self.tracker.restart[series]] = False
        rows = slice(self.weights.length - 1, None)
        self._seen[series, rows] = np.where(counts, self.seen[series], 0.0)
        self._exposure[series, rows] = np.where(counts, self.exposure[series], 0.0)

    def _look(self, row: int, step: Step) -> None:
        sums = step.sums
        variance = np.maximum(self.law.variance(sums) + self._wandering(sums), 1e-12)
        z = (sums.seen - sums.level * sums.exposure) / np.sqrt(variance)
        since = np.maximum(self._first, self.tracker.restart)
        is_ready = (step.rows_known >= self.parameters.least_rows) & (row - since >= self.parameters.history_rows)
        is_ready[list(self.tracker.open)] = False
        has_baseline = step.rows_before >= self.parameters.least_rows
        is_testable = is_ready[:, None] & has_baseline & (sums.exposure > 0)
        if self._enough is not None:
            is_testable = is_testable & self._enough[:, :, row]
        calibration = self._calibration()
        candidates = is_testable & (np.abs(z) > _WORTH_A_LOOK * np.sqrt(calibration))
        candidates &= self._is_large(sums)
        if candidates.any():
            self._raise(row, sums, variance * calibration, z, np.nonzero(candidates))
        self._calibrate(z, is_testable)

    def _holds_enough(self) -> Array | None:
        """Whether the windows that end on each row hold enough to be judged; shape (series, windows, rows)."""
        if self.panel.law not in ("duration", "mean"):
            return None
        items = np.cumsum(np.where(self.usable, np.nan_to_num(self.panel.n), 0.0), axis=1)
        windows = [_within(items, window) for window in self.parameters.windows]
        return np.stack(windows, axis=1) >= self.limits.items

    def _is_large(self, sums: Sums) -> Array:
        effect, limits = self.law.effect(sums), self.limits
        is_far = (effect <= limits.low) | (effect >= limits.high)
        return is_far & (self.law.difference(sums) >= limits.least)

    def _raise(self, row: int, sums: Sums, variance: Array, z: Array, which: tuple[Array, ...]) -> None:
        some, is_high = sums.take(which), z[which] > 0
        chance = self.law.tail(some, variance[which], is_high)
        effect = self.law.effect(some)
        best: dict[int, int] = {}
        for place in map(int, np.nonzero(chance < self._chances[which])[0]):
            series = int(which[0][place])
            if series not in best or chance[place] < _CLEARLY * chance[best[series]]:
                best[series] = place
        for series, place in best.items():
            window, high = self.parameters.windows[which[1][place]], bool(is_high[place])
            is_bad = high == bool(self.panel.is_bad_high[series])
            self.tracker.raise_finding(
                Finding(series, high, is_bad, max(0, row - window + 1), row, window,
                        float(some.seen[place]), float(some.exposure[place]), float(some.level[place]),
                        float(variance[which][place]), float(chance[place]), float(effect[place]),
                        float(some.freedom[place])),
                self.parameters.same_cause_rows,
            )  # fmt: skip
            self._count_anew(series)

    def _wandering(self, sums: Sums) -> Array:
        """Variance of a window's sum because the level has moved since the baseline."""
        scale = 1.0 if self.panel.law == "duration" else sums.level
        return (self.limits.wandering * scale * sums.exposure) ** 2

    def _calibration(self) -> Array:
        strength = self.parameters.calibration_strength
        found = (strength * self.parameters.calibration + self._squares) / (strength + self._count)
        return np.maximum(found, 0.7)

    def _calibrate(self, z: Array, is_testable: Array) -> None:
        """Widen a series' limits where its own past was wider than its law."""
        is_calm = is_testable.copy()
        is_calm[list(self.tracker.open)] = False
        keep = 0.5 ** (1 / _FORGETS_IN)
        self._squares = keep * self._squares + np.where(is_calm, np.minimum(z**2, _CLIPPED_AT), 0.0) * self._independent
        self._count = keep * self._count + is_calm * self._independent

    def _follow(self, series: int, row: int, step: Step) -> None:
        """Is an open incident over, or has it come to stay?"""
        finding = self.tracker.open[series]
        if finding.found == row:
            return
        one, begin = slice(series, series + 1), max(0, row - self.weights.length + 1, finding.onset)
        rows = slice(max(begin, int(self.tracker.restart[series])), row + 1)
        counts, phase = self.usable[one, rows], self.panel.phase[rows]
        seen, exposure = (np.where(counts, every[one, rows], 0.0) for every in (self.seen, self.exposure))
        seen, exposure = with_profile(self.law, step.profile[one], phase, seen, exposure)
        seen, exposure = seen[0], exposure[0]
        normal, dispersion = step.level[series], step.dispersion[series]
        for last in self.parameters.closing_windows:
            before = slice(0, max(0, len(seen) - last))
            if row - last < finding.onset or not exposure[before].sum() > 0:
                continue
            other = self.law.level(seen[before].sum(), exposure[before].sum())
            gain = self.law.evidence(seen[-last:].sum(), exposure[-last:].sum(), normal, other, dispersion)
            if gain > self.parameters.closing_evidence:
                self.tracker.close(series, row - last + 1, row)
                self._count_anew(series)
                return
        if row - finding.onset + 1 >= self.parameters.lasting_rows:
            self.tracker.accept(series, row)
            self._count_anew(series)


def _within(upto: Array, window: int) -> Array:
    """Sums over the last rows, from sums up to each row."""
    before = np.zeros_like(upto)
    before[:, window:] = upto[:, :-window]
    return upto - before


def search(panel: Panel, parameters: Parameters | None = None) -> list[Finding]:
    """The incidents of a panel, in the order in which they were raised.

    Uses, on each row, only that row and those before it. Deterministic: no chance is involved.
    """
    return Search(panel, parameters or Parameters()).run()
