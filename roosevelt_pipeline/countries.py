"""The country of a time zone, from the zone table that ships with the time zones."""

from functools import lru_cache
from importlib.resources import files


def country_of_zone(name: str | None) -> str | None:
    """ISO 3166 code of the country that a zone is named for; missing for zones of no country, as UTC.

    >>> country_of_zone("Europe/Amsterdam"), country_of_zone("UTC")
    ('NL', None)
    """
    return _countries().get(name or "")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: row[0] for row in rows}
