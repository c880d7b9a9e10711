"""What is done to a series: bad events and good news, of five shapes."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.anomalies.labels import Event, Shape

SHAPES: tuple[Shape, ...] = ("spike", "outage", "episode", "shift", "drift")
SHARES = (0.2, 0.25, 0.25, 0.2, 0.1)
LENGTHS: dict[Shape, tuple[int, int]] = {
    "spike": (1, 2), "outage": (3, 12), "episode": (14, 50), "shift": (0, 0), "drift": (45, 90),
}  # fmt: skip
FOUND_WITHIN = {"spike": 5, "outage": 5, "episode": 7, "shift": 56, "drift": 28}
QUIET_BEFORE, QUIET_BETWEEN, QUIET_AFTER = 110, 70, 60

# Of each kind and shape: bad sizes, good sizes. Factors on the level, but for failure rates and surveys, to which they
# are added (good news of failure rates takes away a share).
BAD: dict[str, dict[str, tuple[float, float]]] = {
    "deployments": {"spike": (0.0, 0.0), "outage": (0.0, 0.25), "episode": (0.15, 0.6), "shift": (0.25, 0.65)},
    "activity": {"spike": (0.0, 0.15), "outage": (0.0, 0.35), "episode": (0.2, 0.6), "shift": (0.3, 0.65)},
    "incidents": {"spike": (8, 40), "outage": (4, 12), "episode": (2.5, 6), "shift": (2, 5)},
    "lead_time": {"spike": (4, 12), "outage": (2.5, 8), "episode": (1.7, 4), "shift": (1.5, 3)},
    "failure_rate": {"spike": (0.4, 0.9), "outage": (0.3, 0.7), "episode": (0.15, 0.5), "shift": (0.1, 0.4)},
    "focus_hours": {"spike": (0.1, 0.5), "outage": (0.3, 0.7), "episode": (0.5, 0.8), "shift": (0.55, 0.8)},
    "survey": {"spike": (-1.6, -0.6), "episode": (-1.4, -0.5), "shift": (-1.2, -0.5)},
}
GOOD: dict[str, tuple[float, float]] = {
    "deployments": (1.4, 2.5), "activity": (1.4, 2.5), "incidents": (0.1, 0.6), "lead_time": (0.35, 0.75),
    "failure_rate": (-0.8, -0.4), "focus_hours": (1.15, 1.5), "survey": (0.3, 0.8),
}  # fmt: skip
ADDED = ("failure_rate", "survey")


@dataclass(frozen=True)
class Plan:
    """The events of a series, as what they do to each row."""

    events: tuple[Event, ...]
    factor: np.ndarray
    added: np.ndarray

    @classmethod
    def none(cls, length: int) -> "Plan":
        return cls((), np.ones(length), np.zeros(length))


def draw_plans(rng: np.random.Generator, kind: str, length: int, *, with_bad: bool) -> Plan:
    """One to three bad events or none, and good news in half of all series, apart from each other."""
    is_survey = kind == "survey"
    before, between, after = (6, 4, 2) if is_survey else (QUIET_BEFORE, QUIET_BETWEEN, QUIET_AFTER)
    wanted = [True] * int(rng.integers(1, 4) if with_bad else 0) + [False] * int(rng.random() < 0.5)
    rng.shuffle(wanted)
    plan = Plan.none(length)
    events: list[Event] = []
    at = before + int(rng.integers(0, 3 if is_survey else 120))
    for is_bad in wanted:
        if at > length - after:
            break
        event = replace(
            _event(rng, kind, length, at, is_bad),
            factor_before=float(plan.factor[at]),
            added_before=float(plan.added[at]),
        )
        _apply(plan, kind, event, _ramp_length(event))
        events.append(event)
        ended = at + _ramp_length(event) if event.end == length - 1 else event.end
        at = ended + between + int(rng.integers(0, 3 if is_survey else 120))
    return Plan(tuple(events), plan.factor, plan.added)


def _event(rng: np.random.Generator, kind: str, length: int, onset: int, is_bad: bool) -> Event:
    if kind == "survey":
        shape: Shape = str(rng.choice(["spike", "episode", "shift"]))  # type: ignore[assignment]
        lasts = {"spike": 1, "episode": int(rng.integers(2, 4))}.get(shape)
        end = length - 1 if lasts is None else onset + lasts - 1
        deadline = min(end, onset + 2)
    else:
        shape = SHAPES[rng.choice(len(SHAPES), p=SHARES)]
        lasts = int(rng.integers(LENGTHS[shape][0], LENGTHS[shape][1] + 1))
        is_lasting = shape in ("shift", "drift")
        end = length - 1 if is_lasting else min(onset + lasts - 1, length - 1)
        deadline = min(length - 1, (onset + (lasts if shape == "drift" else 0) if is_lasting else end)
                       + FOUND_WITHIN[shape])  # fmt: skip
    low, high = BAD[kind]["shift" if shape == "drift" else shape] if is_bad else GOOD[kind]
    size = float(rng.uniform(low, high))
    return Event(shape, onset, min(end, length - 1), deadline, is_bad, size)


def _ramp_length(event: Event) -> int:
    return event.deadline - event.onset - FOUND_WITHIN["drift"] if event.shape == "drift" else 0


def _apply(plan: Plan, kind: str, event: Event, ramp: int) -> None:
    rows = np.arange(event.onset, event.end + 1)
    reached = np.minimum(1.0, (rows - event.onset + 1) / ramp) if ramp > 0 else np.ones(len(rows))
    if kind in ADDED:
        plan.added[rows] += reached * event.size
    else:
        plan.factor[rows] *= np.exp(reached * np.log(max(event.size, 1e-9)))
