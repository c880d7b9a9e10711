import pytest

from roosevelt_pipeline.sources.github.derive import (
    IncidentReferences,
    Revert,
    closed_issues,
    incident_references,
    is_hotfix,
    revert_of,
    workflow_run_of,
)

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("title", "body", "branch", "revert"),
    [
        ('Revert "Add cache"', "Reverts acme/api#12", "revert-12-cache", Revert(True, 12)),
        ('Revert "Add cache"', "", "revert-12-cache", Revert(True, 12)),
        ('Revert "Add cache"', f"This reverts commit {SHA}.", "", Revert(True, None, SHA)),
        ("Undo the cache", f"Why not.\n\nThis reverts commit {SHA[:10].upper()}.", "", Revert(True, None, SHA[:10])),
        ('Reapply "Add cache"', "Reverts acme/api#13", "", Revert(True, 13)),
        ("revert: drop the cache", "", "", Revert(True)),
        ("Revert to the old logger", "", "", Revert(False)),
        ("Reverting is easy now", "", "", Revert(False)),
        ("Add a revert button", "It reverts #12 only when asked", "feature", Revert(False)),
        ("", "", "", Revert(False)),
        ("Revert huge", "Reverts #99999999999999999999", "", Revert(True)),
        ("Revert the cache", "Caused by #12", "", Revert(True, 12)),
    ],
)
def test_a_revert_says_what_it_undoes(title, body, branch, revert):
    assert revert_of(title, body, branch) == revert


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (f'Slower than it was.\n\nFixes: {SHA[:12]} ("Add cache")', Revert(False, None, SHA[:12])),
        (f"fixes commit {SHA.upper()}", Revert(False, None, SHA)),
        ("The cache was never emptied, caused by acme/api#12.", Revert(False, 12)),
        ("Fixes 1234567", Revert(False)),
        (f"Fixes {'1' * 40}", Revert(False, None, "1" * 40)),
        ("It fixes deadbeef and more", Revert(False)),
        ("Fixes #12", Revert(False)),
        (f"Fixes: {SHA[:12]}\n\nThis reverts commit {SHA[::-1]}.", Revert(True, None, SHA[::-1])),
    ],
)
def test_a_fix_says_what_it_fixes_and_is_no_revert(body, named):
    assert revert_of("Empty the cache", body) == named


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("fixes #12", [12]),
        ("Closes: #3, resolves #4 and FIXED #3", [3, 4]),
        ("prefixes #5", []),
        ("fixes acme/other#6", []),
        ("see #7", []),
        ("fix#8", []),
    ],
)
def test_only_githubs_closing_keywords_close(text, numbers):
    assert closed_issues(text) == numbers


def test_a_hotfix_is_known_by_label_or_branch_whatever_the_case():
    policy = {"hotfix_labels": ("hotfix",), "branches": ("hotfix/*", "hotfix-*")}

    assert is_hotfix(["HotFix"], "topic", **policy)
    assert is_hotfix([], "hotfix/urgent", **policy)
    assert is_hotfix([], "Hotfix-7", **policy)
    assert not is_hotfix(["bug"], "fix-hotfix", **policy)


def test_an_incident_names_deployments_shas_and_pull_requests():
    body = f"""Deployment: 123
    https://github.com/acme/api/deployments/456 failed, again deployment #123.
    Caused by #12, or caused by: acme/api#13. Not by #14.
    At {SHA}, not at {SHA}ff."""

    assert incident_references(body) == IncidentReferences([123, 456], [SHA], [12, 13])


def test_an_incident_without_a_text_names_nothing():
    assert incident_references("") == IncidentReferences([], [], [])


def test_the_run_behind_a_deployment_is_read_from_its_logs():
    assert workflow_run_of([None, "https://github.com/acme/api/actions/runs/77/job/1"]) == 77
    assert workflow_run_of(["https://ci.example.com/7"]) is None
