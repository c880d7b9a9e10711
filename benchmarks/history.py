"""A long history put into raw directly: what years of collection would leave, made by PostgreSQL in minutes.

Each repository has a line of pull requests at even intervals, merged by a merge commit that brings two commits of
its own (every tenth is squashed), a push without a pull request now and then, and a deployment after every fifth
change. Some deployments fail, are rolled back, or are followed by a revert, a hotfix or an incident. Nothing is
random: the same size gives the same rows, and ``add_day`` goes on where the history ended.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import sql

from roosevelt_pipeline.settings import GitHubSettings, ServiceSettings, Settings, TeamSettings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.policy import write_policy

RUN = uuid.UUID(int=7)
TEAMS = 50
PEOPLE = 2_000
ZONES = ("Europe/Amsterdam", "America/New_York", "Asia/Tokyo", "UTC")


@dataclass(frozen=True)
class History:
    """How much of it there is.

    Attributes:
        pull_requests: in all repositories together.
        teams: at least as many as own services.
        last_day: the last day on which something happened.
    """

    pull_requests: int = 1_000_000
    repositories: int = 500
    days: int = 730
    last_day: date = date(2026, 10, 31)
    teams: int = TEAMS

    @property
    def first_day(self) -> date:
        return self.last_day - timedelta(days=self.days - 1)

    @property
    def per_repository(self) -> int:
        return self.pull_requests // self.repositories

    @property
    def per_day(self) -> float:
        """Pull requests of one repository and day."""
        return self.per_repository / self.days


def settings_of(history: History) -> Settings:
    """A service per repository, teams in several zones, of which the first fifty own all services."""
    teams = [TeamSettings(name=f"team-{n:02}", timezone=ZONES[n % len(ZONES)]) for n in range(history.teams)]
    services = [
        ServiceSettings(name=f"service-{n:03}", repository=f"repository-{n:03}", team=f"team-{n % TEAMS:02}")
        for n in range(1, history.repositories + 1)
    ]
    return Settings(github=GitHubSettings(organization="long-history"), teams=tuple(teams), services=tuple(services))


def load(warehouse: Warehouse, history: History) -> None:
    """Fill an empty warehouse with the whole history, and write its policy."""
    with warehouse.connect() as connection:
        connection.execute(_HELPERS)
        connection.execute(_PEOPLE, {"people": PEOPLE, "run": RUN})
        connection.execute(_REPOSITORIES, {"repositories": history.repositories, "born": history.first_day, "run": RUN})
    add(warehouse, history, 1, history.per_repository)
    policy(warehouse, history, history.last_day)
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def add_day(warehouse: Warehouse, history: History, number: int = 1) -> None:
    """One more day of every repository: new objects, and reviews of pull requests merged weeks ago."""
    before = history.per_repository + round((number - 1) * history.per_day)
    after = history.per_repository + max(round(number * history.per_day), round((number - 1) * history.per_day) + 1)
    add(warehouse, history, before + 1, after)
    with warehouse.connect() as connection:
        connection.execute(_LATE_REVIEWS, {"number": history.per_repository - 40, "run": RUN})
    policy(warehouse, history, history.last_day + timedelta(days=number))


def policy(warehouse: Warehouse, history: History, as_of: date) -> None:
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings_of(history), as_of, RUN)


def add(warehouse: Warehouse, history: History, first: int, last: int) -> None:
    """Pull requests ``first`` to ``last`` of every repository, with their commits, deployments and incidents."""
    values = {
        "first": first,
        "last": last,
        "repositories": history.repositories,
        "begin": history.first_day,
        "run": RUN,
    }
    step = sql.Literal(86_400 / history.per_day)
    with warehouse.connect() as connection:
        connection.execute(sql.SQL(_CLOCK).format(begin=sql.Literal(history.first_day.isoformat()), step=step))
        for statement in (_PULL_REQUESTS, _COMMITS, _DEPLOYMENTS, _ISSUES, _HEADS):
            connection.execute(statement, values)
            connection.commit()


_HELPERS = """
create schema if not exists bench;
create or replace function bench.oid(p_repository int, p_kind text, p_number int) returns text
immutable parallel safe language sql as
$$ select md5(p_repository || p_kind || p_number) || substr(md5(p_number || p_kind || p_repository), 1, 8) $$;
create or replace function bench.person(p_number int) returns uuid
immutable parallel safe language sql as
$$ select ('00000000-0000-4000-8000-' || lpad(p_number::text, 12, '0'))::uuid $$;
"""

# When something happened: so many hours after the day of its pull request began.
_CLOCK = """
create or replace function bench.at(p_number int, p_hours float8) returns text
immutable parallel safe language sql as
$$ select to_char({begin}::date + make_interval(secs => {step} * (p_number - 1) + p_hours * 3600),
                  'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$
"""

_PEOPLE = """
insert into raw.github_accounts (user_id, account_type, is_bot, observed_at)
select bench.person(n), case when n %% 50 = 0 then 'Bot' else 'User' end, n %% 50 = 0, '2026-01-01'
from generate_series(1, %(people)s::int) as n
"""

_REPOSITORIES = """
insert into raw.github_repositories
    (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
select n::text, 'org', jsonb_build_object(
    'repository_id', n, 'name', 'repository-' || lpad(n::text, 3, '0'),
    'name_with_owner', 'long-history/repository-' || lpad(n::text, 3, '0'), 'default_branch', 'main',
    'head_oid', null, 'is_archived', false, 'created_at', %(born)s::date), '', %(born)s, %(born)s, %(run)s
from generate_series(1, %(repositories)s::int) as n
"""

# Of ten pull requests nine are merged with their commits, one is squashed; every hundredth is a revert or a hotfix.
_PULL_REQUESTS = """
insert into raw.github_pull_requests
    (natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, run_id)
select (r * 1000000 + n)::text, r::text, jsonb_build_object(
    'pull_request_id', r * 1000000 + n, 'repository_id', r, 'number', n, 'state', 'MERGED', 'is_draft', false,
    'node_id', 'PR_' || r || '_' || n, 'url', 'https://github.example/' || r || '/' || n,
    'created_at', bench.at(n, 2), 'updated_at', bench.at(n, 9 + n %% 7),
    'merged_at', bench.at(n, 8 + n %% 7), 'closed_at', bench.at(n, 8 + n %% 7),
    'author_id', bench.person(1 + (r * 7 + n) %% 2000), 'merged_by_id', bench.person(1 + (r * 7 + n + 1) %% 2000),
    'base_is_default', true, 'head_oid', bench.oid(r, 'b', n), 'merge_commit_oid', bench.oid(r, 'm', n),
    'merge_committed_at', bench.at(n, 8 + n %% 7),
    'additions', 10 + n %% 200, 'deletions', n %% 90, 'changed_files', 1 + n %% 9, 'comments_count', n %% 4,
    'review_comments_count', n %% 6, 'labels', jsonb_build_array('kind:' || n %% 5), 'is_revert', n %% 100 = 7,
    'reverts_pull_request_number', case when n %% 100 = 7 then n - 3 end, 'reverts_oid', null,
    'is_hotfix', n %% 100 = 53, 'closes_issues', '[]'::jsonb, 'commits_count', 2,
    'commits', jsonb_build_array(
        jsonb_build_object('oid', bench.oid(r, 'a', n), 'authored_at', bench.at(n, 0),
                           'committed_at', bench.at(n, 0)),
        jsonb_build_object('oid', bench.oid(r, 'b', n), 'authored_at', bench.at(n, 1),
                           'committed_at', bench.at(n, 1))),
    'reviews', jsonb_build_array(jsonb_build_object(
        'review_id', r * 1000000 + n, 'state', 'APPROVED', 'submitted_at', bench.at(n, 4 + n %% 3),
        'author_id', bench.person(1 + (r * 7 + n + 5) %% 2000))),
    'timeline', '[]'::jsonb, 'paths', null),
    '', bench.at(n, 9 + n %% 7)::timestamptz, %(begin)s::date, bench.at(n, 9 + n %% 7)::timestamptz, %(run)s
from generate_series(1, %(repositories)s::int) as r cross join generate_series(%(first)s::int, %(last)s::int) as n
"""

# Mainline: m(n) upon p(n - 1) where one was pushed, else upon m(n - 1). Branch: a, b upon m(n - 2).
_COMMITS = """
insert into raw.github_commits
    (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
select r || ':' || one.oid, r::text, jsonb_build_object(
    'repository_id', r, 'oid', one.oid, 'authored_at', bench.at(n, one.hours),
    'committed_at', bench.at(n, one.hours), 'additions', n %% 90, 'deletions', n %% 40,
    'changed_files', 1 + n %% 5, 'author_id', bench.person(1 + (r * 7 + n) %% 2000), 'parents', to_jsonb(one.parents),
    'reverts_oid', null, 'is_revert', false), '', %(begin)s::date, %(begin)s::date, %(run)s
from generate_series(1, %(repositories)s::int) as r
cross join generate_series(%(first)s::int, %(last)s::int) as n
cross join lateral (
    select case when n = 1 then array[]::text[] else
        array[bench.oid(r, case when (n - 1) %% 10 = 3 then 'p' else 'm' end, n - 1)] end as upon,
        case when n <= 2 then array[]::text[] else array[bench.oid(r, 'm', n - 2)] end as base
) as places
cross join lateral (
    values
    (bench.oid(r, 'a', n), 0::float8, places.base, n %% 10 <> 9),
    (bench.oid(r, 'b', n), 1, array[bench.oid(r, 'a', n)], n %% 10 <> 9),
    (bench.oid(r, 'm', n), 8 + n %% 7,
     places.upon || case when n %% 10 <> 9 then array[bench.oid(r, 'b', n)] end, true),
    (bench.oid(r, 'p', n), 8.5 + n %% 7, array[bench.oid(r, 'm', n)], n %% 10 = 3)
) as one (oid, hours, parents, is_there)
where one.is_there
"""

# After every fifth pull request: one of forty fails, one of sixty goes back to what was there before.
_DEPLOYMENTS = """
insert into raw.github_deployments
    (natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, run_id)
select (r * 1000000 + n)::text, r::text, jsonb_build_object(
    'deployment_id', r * 1000000 + n, 'repository_id', r, 'node_id', 'DE_' || r || '_' || n,
    'created_at', bench.at(n, 16), 'updated_at', bench.at(n, 16.2),
    'task', 'deploy', 'state', 'INACTIVE', 'environment', 'production',
    'sha', bench.oid(r, 'm', case when n %% 300 = 0 and n > 10 then n - 10 else n end),
    'creator_id', bench.person(1 + r %% 2000), 'workflow_run_id', null,
    'statuses', jsonb_build_array(
        jsonb_build_object('status_id', 'S1_' || r || '_' || n, 'state', 'IN_PROGRESS', 'environment', 'production',
                           'created_at', bench.at(n, 16.05)),
        jsonb_build_object('status_id', 'S2_' || r || '_' || n, 'environment', 'production',
                           'state', case when n %% 200 = 5 then 'FAILURE' else 'SUCCESS' end,
                           'created_at', bench.at(n, 16.2)))),
    '', bench.at(n, 16.2)::timestamptz, %(begin)s::date, bench.at(n, 17)::timestamptz, %(run)s
from generate_series(1, %(repositories)s::int) as r cross join generate_series(%(first)s::int, %(last)s::int) as n
where n %% 5 = 0
"""

_ISSUES = """
insert into raw.github_issues
    (natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, run_id)
select (r * 1000000 + n)::text, r::text, jsonb_build_object(
    'issue_id', r * 1000000 + n, 'repository_id', r, 'node_id', 'I_' || r || '_' || n, 'number', 1000000 + n,
    'url', null, 'title', 'Incident ' || n, 'state', 'CLOSED',
    'state_reason', case when n %% 1000 = 0 then 'DUPLICATE' else 'COMPLETED' end,
    'created_at', bench.at(n, 18), 'closed_at', bench.at(n, 20 + n %% 5),
    'updated_at', bench.at(n, 20 + n %% 5),
    'labels', jsonb_build_array('incident', 'sev' || 1 + n %% 4),
    'events', jsonb_build_array(jsonb_build_object(
        'type', 'closed', 'at', bench.at(n, 20 + n %% 5), 'label', null)),
    'named_deployment_ids', case when n %% 100 = 0 then jsonb_build_array((r * 1000000 + n)::text) else '[]'::jsonb end,
    'named_oids', '[]'::jsonb, 'named_pull_requests', '[]'::jsonb),
    '', bench.at(n, 20 + n %% 5)::timestamptz, %(begin)s::date, bench.at(n, 21)::timestamptz, %(run)s
from generate_series(1, %(repositories)s::int) as r cross join generate_series(%(first)s::int, %(last)s::int) as n
where n %% 50 = 0
"""

_HEADS = """
update raw.github_repositories
set payload = payload || jsonb_build_object('head_oid', bench.oid(
    natural_key::int, case when %(last)s::int %% 10 = 3 then 'p' else 'm' end, %(last)s::int)),
    version_id = nextval('raw.version_ids')
"""

_LATE_REVIEWS = """
update raw.github_pull_requests set
    payload = payload || jsonb_build_object('review_comments_count', (payload ->> 'review_comments_count')::int + 1),
    version_id = nextval('raw.version_ids'), observed_at = observed_at + interval '1 minute'
where (payload ->> 'number')::int = %(number)s and scope::int %% 5 = 0
"""
