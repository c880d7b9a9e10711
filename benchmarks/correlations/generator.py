"""Weekly series that have nothing to do with each other, of the kinds that fool a correlation; and some that have."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Generate = Callable[[np.random.Generator, int, int], Array]
_RUN_IN = 100


def remembering(rng: np.random.Generator, rows: int, weeks: int, memory: float) -> Array:
    """Autoregressive: each week holds so much of the one before; at 1 a random walk."""
    noise = rng.normal(size=(rows, weeks + _RUN_IN))
    for week in range(1, weeks + _RUN_IN):
        noise[:, week] += memory * noise[:, week - 1]
    kept = noise[:, _RUN_IN:]
    return kept if memory < 1 else kept - noise[:, _RUN_IN - 1 : _RUN_IN]


def trending(rng: np.random.Generator, rows: int, weeks: int) -> Array:
    slope = rng.uniform(-4, 4, (rows, 1))
    return remembering(rng, rows, weeks, 0.4) + slope * np.linspace(0, 1, weeks)


def curved(rng: np.random.Generator, rows: int, weeks: int) -> Array:
    bend = rng.uniform(-6, 6, (rows, 1))
    return remembering(rng, rows, weeks, 0.3) + bend * np.linspace(-1, 1, weeks) ** 2


def shifted(rng: np.random.Generator, rows: int, weeks: int) -> Array:
    at = rng.integers(weeks // 5, 4 * weeks // 5, (rows, 1))
    size = rng.choice([-1, 1], (rows, 1)) * rng.uniform(1, 3, (rows, 1))
    return rng.normal(size=(rows, weeks)) + (np.arange(weeks) >= at) * size


def seasonal(rng: np.random.Generator, rows: int, weeks: int) -> Array:
    phase = rng.uniform(0, 1, (rows, 1))
    return remembering(rng, rows, weeks, 0.2) + 1.5 * np.sin(2 * np.pi * (np.arange(weeks) / 52 + phase))


def spiked(rng: np.random.Generator, rows: int, weeks: int) -> Array:
    """Heavy tails: now and then a week ten times as far out."""
    return rng.standard_t(1.5, size=(rows, weeks))


INDEPENDENT: dict[str, Generate] = {
    "white noise": lambda rng, rows, weeks: remembering(rng, rows, weeks, 0.0),
    "memory 0.3": lambda rng, rows, weeks: remembering(rng, rows, weeks, 0.3),
    "memory 0.6": lambda rng, rows, weeks: remembering(rng, rows, weeks, 0.6),
    "memory 0.9": lambda rng, rows, weeks: remembering(rng, rows, weeks, 0.9),
    "random walks": lambda rng, rows, weeks: remembering(rng, rows, weeks, 1.0),
    "trends": trending,
    "curves": curved,
    "level shifts": shifted,
    "seasons": seasonal,
    "heavy tails": spiked,
}


def related(
    rng: np.random.Generator, rows: int, weeks: int, correlation: float, memory: float = 0.3
) -> tuple[Array, Array]:
    """Two series with something in common besides what each has alone."""
    common = np.sqrt(correlation) * remembering(rng, rows, weeks, memory)
    own = [np.sqrt(1 - correlation) * remembering(rng, rows, weeks, memory) for _ in range(2)]
    return common + own[0], common + own[1]
