"""Raw as ingestion would leave it for two small teams, whose figures can be worked out by hand. Times are UTC.

Red are r1, r2, r3 and r4; blue are b1, b2, b3 and x. All but x take part, r4 since 12 March; b1 lives in New York,
where summer time began on 8 March 2026. The two weeks that matter are those of Monday 9 and Monday 16 March.

    P1 of r1, ready Mon 9 Mar 09:00, merged Wed 11th 12:00
        b2 asks for changes Mon 15:00, with comments 1 and 2; r1 answers 1 on Tue 09:00 and pushes on Tue 11:00;
        b2 approves Tue 16:00 with comment 3. r1 reviews it as well, and so does a machine: neither counts.
    P2 of b1, a draft on Fri 13 Mar 10:00, ready at 20:00, merged on Wed 18th
        r2 reviews the draft Fri 12:00; b3 reviews Mon 16th 19:00, r3 Tue 17th 10:00
    P3 of x, ready Tue 10 Mar 08:00: r1 reviews Thu 12th 10:00 with comment 4
    P4 of a machine, ready Tue 10 Mar 11:00: r2 approves at 12:00
    P5 of r2, a draft that stays one
    P6 of r2, ready Thu 12 Mar 09:00: b3 comments (5) at 10:00 and is not answered

Tests of web reached 300 of 400 lines on Wed 11 Mar and 340 of 400 on Wed 18th. Its 4,000 lines were first counted on
Mon 16th. Bugs were opened on Tue 10th (two, of which one is a duplicate) and on Thu 19th.

A file with the answers of the last quarter of 2024 was dropped in on 30 March 2026; everybody gave the scores of now.
"""

import json
import uuid
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

from roosevelt_pipeline.settings import GitHubSettings, Settings, TeamSettings
from roosevelt_pipeline.warehouse.collections import StreamOutcome, record_outcome
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.inclusions import record_discovery
from roosevelt_pipeline.warehouse.policy import write_policy

AS_OF = date(2026, 4, 5)  # a Sunday that has not ended in New York
MONDAY = datetime(2026, 4, 6, 2, tzinfo=UTC)  # when the weekly run begins
RUN = uuid.UUID(int=1)
NAMES = ("r1", "r2", "r3", "r4", "b1", "b2", "b3", "x", "machine")
PERSONS = {name: str(uuid.UUID(int=100 + place)) for place, name in enumerate(NAMES)}
NAMED = {person: name for name, person in PERSONS.items()}
SINCE = {"r4": "2026-03-12"}
ANSWERS = {
    "r1": (10, 5),
    "r2": (9, 4),
    "r3": (6, 3),
    "r4": (0, 2),
    "b1": (8, 4),
    "b2": (10, 5),
}  # b3 was asked and is silent
SURVEYS = (
    ("2026-Q1", "2026-03-20", "2026-03-20"),
    ("2024-Q4", "2024-11-20", "2026-03-30"),
)  # quarter, answered, landed
Payload = dict[str, Any]


def fill(warehouse: Warehouse) -> None:
    """Fill an empty raw."""
    settings = Settings(
        github=GitHubSettings(organization="acme"), teams=(TeamSettings(name="red"), TeamSettings(name="blue"))
    )
    with warehouse.connect(Role.OWNER) as connection:
        for stream, payloads in streams().items():
            for key, payload in payloads.items():
                connection.execute(
                    f"""insert into raw.{stream}
                    (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
                    values (%s, '1', %s, '', '2026-02-01', '2026-02-01', %s)""".encode(),
                    [key, json.dumps(payload), RUN],
                )
        for name, person in PERSONS.items():
            connection.execute(
                """insert into raw.github_accounts (user_id, account_type, is_bot, observed_at)
                values (%s, 'User', %s, '2026-02-01')""",
                [person, name == "machine"],
            )
            if name != "x":
                connection.execute(
                    """insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel)
                    values (%s, %s, %s, '1', 'directory')""",
                    [person, SINCE.get(name, "2026-01-01"), answering(name)],
                )
        for (quarter, day, landed), name in product(SURVEYS, ANSWERS):
            nps, satisfaction = ANSWERS[name]
            payload = {"survey": "s", "survey_user_id": answering(name), "survey_date": day, "quarter": quarter,
                       "nps_score": nps, "satisfaction_score": satisfaction}  # fmt: skip
            connection.execute(
                """insert into raw.survey_answers
                (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
                values (%s, 'org', %s, '', %s, %s, %s)""",
                [f"s|{answering(name)}|{quarter}", json.dumps(payload), landed, landed, RUN],
            )
        for name in SINCE | ANSWERS | {"b3": None}:
            connection.execute(
                """insert into survey.invitations
                (survey, survey_user_id, quarter, channel, closes_at, invited_at, invitation, noted_at)
                values ('s', %s, '2026-Q1', 'slack', '2026-03-31', '2026-03-15', 'sent', '2026-03-15')""",
                [answering(name)],
            )
        connection.execute(
            """insert into raw.people_settings
            (user_id, time_zone, workday_start, workday_end, working_days, observed_at)
            values (%s, 'America/New_York', '09:00', '17:00', '{1,2,3,4,5}', '2026-02-01')""",
            [PERSONS["b1"]],
        )
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings, AS_OF, RUN)
        at = datetime(2026, 3, 2, 1, tzinfo=UTC)
        record_discovery(connection, RUN, {1: "acme/web"}, at, at)
        where = ("acme/web", 1, "github_pull_requests", "incremental")
        record_outcome(connection, RUN, StreamOutcome(*where, at, at, "complete", remote_count=6))


def answering(name: str) -> str:
    """What the person's answers carry."""
    return str(uuid.UUID(int=1000 + NAMES.index(name)))


def streams() -> dict[str, dict[str, Payload]]:
    members = {"red": ("r1", "r2", "r3", "r4"), "blue": ("b1", "b2", "b3", "x")}
    return {
        "github_repositories": {"1": _repository()},
        "github_teams": {str(at): {"team_id": at, "slug": team} for at, team in enumerate(members, 1)},
        "github_team_members": {
            f"{at}:{name}": {"team_id": at, "user_id": PERSONS[name], "role": "MEMBER"}
            for at, team in enumerate(members, 1)
            for name in members[team]
        },
        "github_commits": _commits(),
        "github_pull_requests": {str(one["pull_request_id"]): one for one in _pull_requests()},
        "github_review_comments": {str(one["comment_id"]): one for one in _comments()},
        "github_issues": {str(one["issue_id"]): one for one in _issues()},
        "coverage_reports": {str(at): one for at, one in enumerate(_coverage())},
        "repository_lines": {
            "languages|web|2026-03-16": {
                "repository": "web",
                "counted_at": _at("16 00:00"),
                "lines": 4000,
                "method": "github_languages",
            }
        },
    }


def _at(moment: str) -> str:
    return datetime.strptime(f"2026 Mar {moment} +0000", "%Y %b %d %H:%M %z").isoformat()


def _repository() -> Payload:
    return {"repository_id": 1, "name": "web", "name_with_owner": "acme/web", "default_branch": "main",
            "head_oid": "c1", "is_archived": False, "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip


def _commits() -> dict[str, Payload]:
    commits = [
        ("c1", "r1", "10 10:00", 10, 2, []),
        ("c2", "r1", "10 23:30", 5, 0, ["c1"]),
        ("c3", "r1", "10 12:00", 100, 50, ["c1", "c2"]),  # a merge
        ("c4", "b1", "11 03:00", 1, 1, ["c1"]),  # on the 10th in New York
        ("c5", "r4", "11 09:00", 9, 9, ["c1"]),  # before r4 took part
        ("c6", "r4", "12 09:00", 7, 0, ["c1"]),
        ("c7", "machine", "12 09:00", 500, 0, ["c1"]),
        ("c8", "x", "12 09:00", 50, 0, ["c1"]),
    ]
    return {
        f"1:{oid}": {"repository_id": 1, "oid": oid, "author_id": PERSONS[author], "authored_at": _at(when),
                     "committed_at": _at(when), "additions": more, "deletions": less, "parents": parents}
        for oid, author, when, more, less, parents in commits
    }  # fmt: skip


def _pull_requests() -> list[Payload]:
    return [
        _pull(1, "r1", "09 09:00", merged="11 12:00", commits=["09 08:00", "10 11:00"], reviews=[
            (11, "machine", "COMMENTED", "09 09:05"), (12, "b2", "CHANGES_REQUESTED", "09 15:00"),
            (13, "r1", "COMMENTED", "09 15:30"), (14, "b2", "APPROVED", "10 16:00"),
        ]),
        _pull(2, "b1", "13 10:00", ready="13 20:00", merged="18 12:00", commits=["13 09:00"], reviews=[
            (21, "r2", "COMMENTED", "13 12:00"), (22, "b3", "APPROVED", "16 19:00"), (23, "r3", "APPROVED", "17 10:00"),
        ]),
        _pull(3, "x", "10 08:00", commits=["10 07:00"], reviews=[(31, "r1", "COMMENTED", "12 10:00")]),
        _pull(4, "machine", "10 11:00", commits=["10 10:00"], reviews=[(41, "r2", "APPROVED", "10 12:00")]),
        _pull(5, "r2", "10 11:00", is_draft=True, commits=[], reviews=[]),
        _pull(6, "r2", "12 09:00", commits=["12 08:00"], reviews=[(61, "b3", "COMMENTED", "12 10:00")]),
    ]  # fmt: skip


def _pull(
    number: int, author: str, created: str, *, reviews: list[tuple[int, str, str, str]], commits: list[str],
    ready: str | None = None, merged: str | None = None, is_draft: bool = False,
) -> Payload:  # fmt: skip
    ended = _at(merged) if merged else None
    return {
        "pull_request_id": number, "repository_id": 1, "number": number, "state": "MERGED" if merged else "OPEN",
        "is_draft": is_draft, "created_at": _at(created), "merged_at": ended, "closed_at": ended,
        "base_is_default": True, "head_oid": f"h{number}", "merge_commit_oid": f"m{number}" if merged else None,
        "author_id": PERSONS[author], "closes_issues": [],
        "timeline": [{"type": "ready_for_review", "at": _at(ready)}] if ready else [],
        "commits": [{"oid": f"{number}-{at}", "authored_at": _at(when), "committed_at": _at(when)}
                    for at, when in enumerate(commits)],
        "reviews": [{"review_id": key, "author_id": PERSONS[by], "state": state, "submitted_at": _at(when)}
                    for key, by, state, when in reviews],
    }  # fmt: skip


def _comments() -> list[Payload]:
    comments = [
        (1, 1, 12, "b2", "09 15:00", None), (2, 1, 12, "b2", "09 15:00", None), (6, 1, 13, "r1", "10 09:00", 1),
        (3, 1, 14, "b2", "10 16:00", None), (4, 3, 31, "r1", "12 10:00", None), (5, 6, 61, "b3", "12 10:00", None),
    ]  # fmt: skip
    return [
        {"comment_id": key, "repository_id": 1, "pull_request_number": number, "review_id": review,
         "author_id": PERSONS[by], "created_at": _at(when), "updated_at": _at(when), "in_reply_to_id": answers}
        for key, number, review, by, when, answers in comments
    ]  # fmt: skip


def _issues() -> list[Payload]:
    bugs = [(901, "10 09:00", "COMPLETED"), (902, "10 10:00", "DUPLICATE"), (903, "19 09:00", None)]
    return [
        {"issue_id": key, "repository_id": 1, "number": key, "url": None, "title": None, "state_reason": reason,
         "state": "CLOSED" if reason else "OPEN", "created_at": _at(when), "labels": ["Bug"], "events": [],
         "closed_at": _at(when) if reason else None}
        for key, when, reason in bugs
    ]  # fmt: skip


def _coverage() -> list[Payload]:
    return [
        {"repository": "web", "sha": None, "measured_at": _at(when), "lines_valid": 400, "lines_covered": covered,
         "source": "file", "format": "cobertura"}
        for when, covered in (("11 09:00", 300), ("18 09:00", 340))
    ]  # fmt: skip
