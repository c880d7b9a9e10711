"""Processor time of a whole organisation's series, and how it grows with their number."""

from collections.abc import Callable, Iterator

from benchmarks.figures import Figure, at_most

TEAMS, TEAM_METRICS, DAYS, MILLISECONDS = 200, 12, 730, 50


def growing(seconds: Callable[[int], float], budget: float, quick: bool) -> Iterator[Figure]:
    """Time of all teams, of each series, and against a quarter of the teams.

    Args:
        seconds: processor time that so many teams take.
        budget: seconds for all of them.
    """
    teams = TEAMS // 10 if quick else TEAMS
    spent = {count: seconds(count) for count in (teams // 4, teams)}
    per_series = 1000 * spent[teams] / (teams * TEAM_METRICS)
    yield at_most(f"seconds of processor for {teams} teams", spent[teams], budget * teams / TEAMS, "processor", 1)
    yield at_most("ms of processor a series", per_series, MILLISECONDS, "processor", 1)
    yield Figure("against growing in proportion", f"{spent[teams] / spent[teams // 4] / 4:.2f}")
