"""The report as its reader finds it: what is wrong first, then what is fine."""

from datetime import UTC, date, datetime

from roosevelt_pipeline.data_health import Check, Finding, Health, Reliability, as_markdown

AS_OF, NEXT_DAY = date(2026, 1, 31), date(2026, 2, 1)
CHECKS = [
    Check("failed", "Collection that failed", "Every collection read everything."),
    Check("unlinked", "Without a counterpart", "Everything found its counterpart."),
    Check("clock", "Clocks that differ", "The clocks agree."),
    Check("owner", "Service without a team", "Every service has a team."),
]
FAILED = Finding(
    "failed", "error", "api", "github_workflow_runs", 3.0, "collections", "none failed",
    datetime(2026, 1, 29, 1, tzinfo=UTC), "the token may not read it", "Give the token the permission.",
)  # fmt: skip
UNLINKED = Finding(
    "unlinked", "note", "acme", "change: not yet deployed", 2.0, "changes", "at most 5 %", None, "2 of 50", "Look."
)
CLOCK = Finding("clock", "unknown", "acme", "", None, None, "", None, "no run compared the clocks", "Set the clock.")


def health(*findings: Finding, reliability: Reliability | None = None) -> Health:
    return Health("acme", AS_OF, CHECKS, findings, reliability or Reliability(None, 0, 0))


def headings(report: str) -> list[str]:
    return [line for line in report.splitlines() if line.startswith("#")]


def test_what_is_wrong_comes_first_and_what_is_fine_last():
    report = as_markdown(health(FAILED, UNLINKED, CLOCK), NEXT_DAY)

    assert headings(report) == [
        "# Data health of acme, as of 31 Jan 2026",
        "## Wrong: numbers are incomplete or old",
        "### Collection that failed",
        "## Good to know",
        "### Without a counterpart",
        "## Could not be judged",
        "### Clocks that differ",
        "## Fine",
    ]
    assert report.endswith("- Every service has a team.\n")


def test_a_finding_says_what_since_when_and_what_to_do():
    report = as_markdown(health(FAILED), NEXT_DAY)

    assert (
        "- **api** (workflow runs): the token may not read it (3 collections; expected: none failed; since 29 Jan 2026)"
        in report
    )
    assert "What to do: Give the token the permission." in report


def test_the_first_lines_count_what_follows():
    report = as_markdown(health(FAILED, UNLINKED, CLOCK), NEXT_DAY)

    assert "**1 error, 0 warnings, 1 note, 1 not judged**; 1 of 4 checks found nothing." in report


def test_what_could_not_be_judged_is_not_called_fine():
    assert "The clocks agree." not in as_markdown(health(CLOCK), NEXT_DAY)


def test_reliability_without_a_day_is_missing_and_not_zero():
    assert "Collection reliability: no data yet" in as_markdown(health(), NEXT_DAY)
    assert "Collection reliability: 98.0 % (49 of 50 scheduled" in as_markdown(
        health(reliability=Reliability(98.0, 49, 50)), NEXT_DAY
    )


def test_of_many_findings_eight_are_shown_and_the_rest_is_counted():
    report = as_markdown(health(*[FAILED] * 11), NEXT_DAY)

    assert report.count("- **api**") == 8
    assert "- and 3 more: `select * from bi.data_health where check_name = 'failed'`" in report


def test_only_errors_are_bad():
    assert not health(UNLINKED, CLOCK).is_bad(NEXT_DAY)
    assert health(UNLINKED, FAILED).is_bad(NEXT_DAY)


def test_a_build_that_was_left_standing_for_two_days_is_bad_however_fine_it_was():
    assert not health().is_bad(date(2026, 2, 2))  # before the daily run of 2 February
    assert health().is_bad(date(2026, 2, 3))
    assert "**Nothing was built for 2 days**" in as_markdown(health(), date(2026, 2, 3))
    assert "Nothing was built" not in as_markdown(health(), date(2026, 2, 2))
