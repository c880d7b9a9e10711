"""``python -m benchmarks [--quick] [NAME ...]``: measure, and print a table for each measure. Nothing is asserted.

Requests and points are counts, and the same on any machine. Seconds and rows a second are
this machine's, at its load just then.
"""

import argparse

from benchmarks import analytics, calendars, company, costs, growth, landing, marts, space, survey_files
from benchmarks.alerts import measure as alerts
from benchmarks.anomalies import measure as anomalies
from benchmarks.correlations import measure as correlations
from benchmarks.figures import machine
from benchmarks.forecasts import measure as forecasts
from benchmarks.insights import measure as insights

MEASURES = {
    "costs": costs.measure,
    "company": company.measure,
    "landing": landing.measure,
    "growth": growth.measure,
    "marts": marts.measure,
    "anomalies": anomalies.measure,
    "alerts": alerts.measure,
    "forecasts": forecasts.measure,
    "correlations": correlations.measure,
    "insights": insights.measure,
    "analytics": analytics.measure,
    "calendars": calendars.measure,
    "space": space.measure,
    "surveys": survey_files.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; all unless given")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, in a minute")
    asked = parser.parse_args()
    if unknown := set(asked.names) - MEASURES.keys():
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    print(machine())
    for name in asked.names or MEASURES:
        MEASURES[name](asked.quick)


if __name__ == "__main__":
    main()
