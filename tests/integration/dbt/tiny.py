"""Raw as ingestion would leave it for one small repository, whose numbers can be worked out by hand.

January 2026, one service ``web``, times in UTC. Squash merges s1 to s5 upon the root s0:

    deployment  sha  ended           ships
    501         s0   02 Jan 10:10    the root; the first deployment, so without lead times
    502         s1   06 Jan 12:10    pull request 1, begun 05 Jan 10:00
    503         s2   08 Jan 12:10    pull request 2, begun 07 Jan 10:00
    504         s3   09 Jan 12:10    pull request 3, which reverts 2, begun 09 Jan 08:00
    505         s5   27 Jan 12:10    pull request 4, begun 12 Jan 08:00, and 5, a machine's
    506         s5   (28 Jan)        failed

Incident 90 opens on 27 Jan at 13:00 and is resolved at 16:00. Incident 91 is another company's.

Other systems tell of two duplicates in a file, of one that PagerDuty merged into another, and of a deployment of a
service that nobody knows: none of them counts, and each is listed. They also tell of a deployment of ``web`` that was
cancelled on 3 Jan, and that had gone to staging under the same id.

It was found on 12 Jan and collected daily since, but for the 20th, when nothing ran, and the 25th, when it failed.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Literal

import psycopg

from roosevelt_pipeline.settings import GitHubSettings, Settings
from roosevelt_pipeline.warehouse.collections import StreamOutcome, record_outcome
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.inclusions import record_discovery
from roosevelt_pipeline.warehouse.policy import write_policy

AS_OF = date(2026, 1, 31)
RUN = uuid.UUID(int=1)
HUMAN, MACHINE = str(uuid.UUID(int=11)), str(uuid.UUID(int=12))
Payload = dict[str, Any]


def fill_raw(warehouse: Warehouse) -> None:
    """Fill an empty raw."""
    with warehouse.connect(Role.OWNER) as connection:
        for stream, payloads in streams().items():
            for key, payload in payloads.items():
                connection.execute(
                    f"""insert into raw.{stream}
                    (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
                    values (%s, '1', %s, '', '2026-02-01', '2026-02-01', %s)""".encode(),
                    [key, json.dumps(payload), RUN],
                )
    fill_beside(warehouse)


def fill_beside(warehouse: Warehouse) -> None:
    """Fill what is no stream of an empty raw: accounts, policy and the records of collections."""
    with warehouse.connect(Role.OWNER) as connection:
        connection.cursor().executemany(
            """insert into raw.github_accounts (user_id, account_type, is_bot, observed_at)
            values (%s, %s, %s, '2026-02-01')""",
            [(HUMAN, "User", False), (MACHINE, "Bot", True)],
        )
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, Settings(github=GitHubSettings(organization="acme")), AS_OF, RUN)
        _collect_daily(connection)


def _collect_daily(connection: "psycopg.Connection[Any]") -> None:
    for day in range(12, 32):
        if day == 20:
            continue
        run_id, at = uuid.UUID(int=day), datetime(2026, 1, day, 1, tzinfo=UTC)
        record_discovery(connection, run_id, {1: "acme/web"}, at, at)
        outcome: Literal["complete", "failed"] = "failed" if day == 25 else "complete"
        where = ("acme/web", 1, "github_pull_requests", "incremental")
        record_outcome(connection, run_id, StreamOutcome(*where, at, at, outcome, remote_count=5))


def streams() -> dict[str, dict[str, Payload]]:
    return {
        "github_repositories": {"1": _repository()},
        "github_commits": {f"1:{commit['oid']}": commit for commit in _commits()},
        "github_pull_requests": {str(one["pull_request_id"]): one for one in _pull_requests()},
        "github_deployments": {str(one["deployment_id"]): one for one in _deployments()},
        "github_issues": {str(one["issue_id"]): one for one in _issues()},
        "deployment_events": {str(place): event for place, event in enumerate(_events())},
        "imported_incidents": {str(one["incident_id"]): one for one in _imported_incidents()},
        "pagerduty_incidents": {"PD1": _pagerduty_incident()},
    }


def _at(moment: str) -> str:
    return datetime.strptime(f"2026 {moment} +0000", "%Y %d %b %H:%M %z").isoformat()


def _repository() -> Payload:
    return {"repository_id": 1, "name": "web", "name_with_owner": "acme/web", "default_branch": "main",
            "head_oid": "s5", "is_archived": False, "created_at": _at("01 Jan 00:00")}  # fmt: skip


def _commits() -> Iterable[Payload]:
    pushed = ["01 Jan 09:00", "06 Jan 10:00", "08 Jan 10:00", "09 Jan 09:00", "12 Jan 20:00", "13 Jan 10:00"]
    for place, moment in enumerate(pushed):
        yield {"repository_id": 1, "oid": f"s{place}", "authored_at": _at(moment), "committed_at": _at(moment),
               "parents": [f"s{place - 1}"] if place else [], "author_id": HUMAN}  # fmt: skip


def _pull_requests() -> Iterable[Payload]:
    begun = ["05 Jan 10:00", "07 Jan 10:00", "09 Jan 08:00", "12 Jan 08:00", "13 Jan 09:00"]
    merged = ["06 Jan 10:00", "08 Jan 10:00", "09 Jan 09:00", "12 Jan 20:00", "13 Jan 10:00"]
    for number, (start, end) in enumerate(zip(begun, merged, strict=True), 1):
        yield {"pull_request_id": 100 + number, "repository_id": 1, "number": number, "state": "MERGED",
               "is_draft": False, "created_at": _at(start), "merged_at": _at(end), "closed_at": _at(end),
               "base_is_default": True, "head_oid": f"h{number}", "merge_commit_oid": f"s{number}",
               "author_id": MACHINE if number == 5 else HUMAN, "closes_issues": [],
               "is_revert": number == 3, "reverts_pull_request_number": 2 if number == 3 else None,
               "commits": [{"oid": f"h{number}", "authored_at": _at(start), "committed_at": _at(start)}]}  # fmt: skip


def _deployments() -> Iterable[Payload]:
    tries = [("s0", "02 Jan 10"), ("s1", "06 Jan 12"), ("s2", "08 Jan 12"), ("s3", "09 Jan 12"), ("s5", "27 Jan 12"),
             ("s5", "28 Jan 12")]  # fmt: skip
    for number, (sha, hour) in enumerate(tries, 501):
        state = "FAILURE" if number == 506 else "SUCCESS"
        statuses = [{"status_id": number, "state": state, "created_at": _at(f"{hour}:10")}]
        if state == "SUCCESS":
            statuses.append({"status_id": number + 100, "state": "INACTIVE", "created_at": _at(f"{hour}:50")})
        yield {"deployment_id": number, "repository_id": 1, "environment": "production", "sha": sha,
               "created_at": _at(f"{hour}:00"), "creator_id": HUMAN, "statuses": statuses}  # fmt: skip


def _issues() -> Iterable[Payload]:
    opened, closed = _at("27 Jan 13:00"), _at("27 Jan 16:00")
    common = {"repository_id": 1, "url": None, "named_deployment_ids": [], "named_oids": [], "named_pull_requests": []}
    yield common | {"issue_id": 9001, "number": 90, "title": "Checkout is down", "state": "CLOSED",
                    "state_reason": "COMPLETED", "created_at": opened, "closed_at": closed,
                    "labels": ["incident", "sev1"],
                    "events": [{"type": "closed", "at": closed, "label": None}]}  # fmt: skip
    yield common | {"issue_id": 9002, "number": 91, "title": "Their DNS", "state": "OPEN", "state_reason": None,
                    "created_at": _at("27 Jan 14:00"), "closed_at": None, "labels": ["incident", "external"],
                    "events": []}  # fmt: skip


def _events() -> Iterable[Payload]:
    common = {"repository": None, "environment": "production", "attempt": 1, "sha": None, "url": None}
    yield common | {"service": "mail", "id": "7", "status": "success", "started_at": None,
                    "finished_at": _at("15 Jan 10:00")}  # fmt: skip
    yield common | {"service": "web", "id": "8", "environment": "staging", "status": "success", "started_at": None,
                    "finished_at": _at("03 Jan 09:00")}  # fmt: skip
    yield common | {"service": "Web", "id": "8", "status": "in_progress", "started_at": _at("03 Jan 10:00"),
                    "finished_at": None}  # fmt: skip
    yield common | {"service": "web", "id": "8", "status": "cancelled", "started_at": None,
                    "finished_at": _at("03 Jan 10:05")}  # fmt: skip


def _imported_incidents() -> Iterable[Payload]:
    common = {"repository": None, "title": None, "severity": "low", "opened_at": _at("20 Jan 10:00"),
              "acknowledged_at": None, "resolved_at": None, "reopened_count": 0, "is_external": False,
              "deployment_id": None, "sha": None, "pull_request": None, "url": None}  # fmt: skip
    yield common | {"incident_id": "1", "service": "web", "status": "duplicate"}
    yield common | {"incident_id": "2", "service": "mail", "status": "duplicate"}


def _pagerduty_incident() -> Payload:
    opened, merged = _at("20 Jan 10:00"), _at("20 Jan 10:30")
    return {"incident_id": "PD1", "number": 1, "title": "Slow", "status": "resolved", "urgency": "high",
            "priority": "P1", "service_id": "PX", "service_name": "Web", "created_at": opened, "updated_at": merged,
            "resolved_at": merged, "merged_into": "PD2", "url": None,
            "events": [{"type": "trigger", "at": opened}, {"type": "acknowledge", "at": _at("20 Jan 10:10")},
                       {"type": "resolve", "at": merged}]}  # fmt: skip
