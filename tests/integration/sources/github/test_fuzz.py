"""Objects as GitHub tells them, with anything in any place: each lands, or is kept with its reason."""

import copy
import json
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roosevelt_pipeline.sources.github import (
    commits,
    deployments,
    issues,
    pull_requests,
    releases,
    teams,
    workflow_jobs,
    workflow_runs,
)
from roosevelt_pipeline.sources.github.nodes import sort_out
from roosevelt_pipeline.sources.github.repositories import discover, read_repository
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.landing import land_page
from roosevelt_pipeline.warehouse.records import Record
from tests.integration.sandbox.handmade import API

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACE = {"owner": "acme", "name": "api"}
ORDER = {"field": "CREATED_AT", "direction": "ASC"}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=30),
    st.sampled_from(["", "\0", "\ud800", "9" * 5000, "2999-01-01T00:00:00Z", "0000-00-00", "f" * 9000]),
    st.sampled_from([2**63, -1, 1e400]),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.sampled_from(["nodes", "id", "\0"]), st.none() | st.lists(st.integers()), max_size=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(new_warehouse):
    """For each stream an object as the sandbox tells it, and what reads it."""
    from tests.integration.sandbox import handmade
    from tests.integration.sources.github.conftest import World

    world = World(new_warehouse(), handmade.store(), {})
    client = world.new_client()
    api = discover(client, world.settings)[0]

    def first(query, connection, **variables):
        answer = client.graphql(query, PLACE | {"page": 10} | variables)
        return answer.data["repository"][connection]["nodes"][6]

    run = client.rest("/repos/acme/api/actions/runs").document["workflow_runs"][0]
    job = client.rest(f"/repos/acme/api/actions/runs/{run['id']}/jobs").document["jobs"][0]
    walk = client.graphql("commits", PLACE | {"page": 3, "head": api.head_oid})
    commit = walk.data["repository"]["object"]["history"]["nodes"][0]
    team = client.graphql("teams", {"organization": "acme", "page": 1}).data["organization"]["teams"]["nodes"][0]
    listed = {"organization": "acme", "page": 1, "probe": True, "tags": False}
    repository = client.graphql("organization_repositories", listed).data["organization"]["repositories"]["nodes"][0]
    of_api = {"repository_id": API}
    yield world, {
        "github_pull_requests": (
            first("pull_requests", "pullRequests", files=True, **ORDER),
            partial(pull_requests.read_pull_request, repository=api, github=world.settings.github),
        ),
        "github_deployments": (
            first("deployments", "deployments", direction="ASC"), partial(deployments.read_deployment, **of_api)
        ),
        "github_issues": (
            first("issues", "issues", field="CREATED_AT"),
            partial(issues.read_issue, **of_api, policy=world.settings.github),
        ),
        "github_releases": (
            first("releases", "releases", direction="ASC"), partial(releases.read_release, **of_api)
        ),
        "github_commits": (commit, partial(commits.read_commit, **of_api)),
        "github_workflow_runs": (run, partial(workflow_runs.read_run, repository=api)),
        "github_workflow_jobs": (job, partial(workflow_jobs.read_rest_job, **of_api)),
        "github_teams": (team, teams.read_team),
        "github_repositories": (repository, read_repository),
    }  # fmt: skip
    world.close()


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def put(value, path, odd, *, gone):
    if not path:
        return odd
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    if gone:
        del holder[path[-1]]
    else:
        holder[path[-1]] = odd
    return changed


def assert_lands_or_is_kept(told, data):
    world, streams = told
    stream = data.draw(st.sampled_from(sorted(streams)), "stream")
    node, read = streams[stream]
    path = data.draw(st.sampled_from(list(places(node))), "place")
    node = put(node, path, data.draw(ODD, "value"), gone=bool(path) and data.draw(st.booleans(), "gone"))
    # As it comes from the wire: what JSON cannot say is not what we are asked to read.
    node = json.loads(json.dumps(node))

    records, rejects = sort_out([node], read)
    assert_foreseen(rejects)
    with world.warehouse.connect(Role.INGEST, autocommit=True) as connection:
        landed = land_page(
            connection, stream, str(API), records, NOW, uuid4(), rejects=rejects,
            nameless=lambda page: world.vault.pseudonymise(connection, page, world.settings.bots, NOW),
        )  # fmt: skip
        assert landed.seen + landed.rejects >= 1
        reasons = connection.execute("select reason from raw.rejected_records where not reason ~ '^[a-z_]+'").fetchall()
    assert reasons == []


def assert_foreseen(rejects):
    """What a reader stumbles over is kept as well, but each such case should have a reason that says what to mend."""
    assert [reject.reason for reject in rejects if reject.reason.startswith("unreadable")] == []


@pytest.mark.parametrize("odd", [None, True, -1, 0.5, "", "\0", 2**63, [], [None], [[]], {}, {"nodes": [[]]}], ids=repr)
def test_each_place_of_each_object_may_hold_something_odd(told, odd):
    for node, read in told[1].values():
        for path in places(node):
            _, rejects = sort_out([put(node, path, odd, gone=False)], read)
            assert_foreseen(rejects)


def test_an_object_that_makes_a_reader_stumble_is_kept_and_the_others_land():
    def stumbling(node):
        return {}["missing"] if node["id"] == 2 else Record(str(node["id"]), node)

    records, rejects = sort_out([{"id": 1}, {"id": 2}, {"id": 3}], stumbling)

    assert [record.natural_key for record in records] == ["1", "3"]
    assert [(reject.natural_key, reject.reason) for reject in rejects] == [("2", "unreadable: KeyError")]


FUZZED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


@given(data=st.data())
@settings(max_examples=250, **FUZZED)
def test_anything_anywhere_lands_or_is_kept_with_its_reason(told, data):
    assert_lands_or_is_kept(told, data)


@pytest.mark.soak
@given(data=st.data())
@settings(max_examples=20_000, **FUZZED | {"derandomize": False})
def test_anything_anywhere_lands_or_is_kept_with_its_reason_twenty_thousand_times(told, data):
    assert_lands_or_is_kept(told, data)
