"""What `roosevelt status` says of GitHub's limits."""

from roosevelt_pipeline.governor import Account, Hold, Permit, Told
from roosevelt_pipeline.warehouse.budgets import SharedGovernor

ME = Account("0123456789abcdef", "token 1", "github.test")


def test_who_waits_for_what_until_when_is_seen_from_another_process(site, warehouse):
    with SharedGovernor(warehouse, "run 1a2b3c4d") as governor:
        permit = governor.admit(ME, "core", 1, 60)
        assert isinstance(permit, Permit)
        governor.settle(permit, Told(4987, 5000, 1800, hold=Hold("GitHub's secondary limit", 60, True), answered=True))
        with governor.waiting(ME, "acme/api", "GitHub's secondary limit (token 1)", 60):
            shown = site.roosevelt("status").stdout

    assert "token 1 at github.test: 4,987 of 5,000 requests until " in shown
    assert "held until " in shown
    (waiting,) = [line for line in shown.splitlines() if line.startswith("waiting")]
    assert "acme/api: GitHub's secondary limit (token 1), until " in waiting
    assert waiting.endswith("UTC (run 1a2b3c4d)")
    assert ME.key not in shown
