"""The workflow that tells of deployments from Actions: its shape, and its script against a real database."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import yaml

from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.imports.conftest import PASSWORD

WORKFLOW = PROJECT_ROOT / ".github" / "workflows" / "dora-metrics.yml"
# What the step's env would hold for a run of a deploying workflow.
RUN = {
    "REPOSITORY": "acme/web",
    "ENVIRONMENT": "production",
    "ID": "30433642",
    "ATTEMPT": "2",
    "SHA": "009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d",
    "OUTCOME": "success",
    "STARTED_AT": "2026-03-02T09:00:00Z",
    "ENDED_AT": "2026-03-02T09:05:00Z",
    "PAGE": "https://github.com/acme/web/actions/runs/30433642",
}


@pytest.fixture(scope="module")
def workflow():
    return yaml.load(WORKFLOW.read_text(encoding="utf-8"), yaml.BaseLoader)  # all scalars as text


@pytest.fixture(scope="module")
def step(workflow):
    (step,) = workflow["jobs"]["tell"]["steps"]
    return step


@pytest.fixture
def url(address):
    parts = psycopg.conninfo.conninfo_to_dict(address)
    login = f"{parts['user']}:{quote(PASSWORD, safe='')}"
    return f"postgresql://{login}@{parts['host']}:{parts['port']}/{parts['dbname']}?connect_timeout=10"


def run(step, url, path=os.environ["PATH"], **changes):
    values = RUN | {"ROOSEVELT_EVENTS_URL": url, "PATH": path} | changes
    # As the runner starts a `run` without a shell of its own.
    return subprocess.run(["bash", "-e", "-c", step["run"]], env=values, capture_output=True, text=True)


def posted(warehouse):
    with warehouse.connect(Role.INGEST) as connection:
        return connection.execute(
            "select repository, environment, id, attempt, sha, status, started_at is null, finished_at is null, url "
            "from ingest.deployment_events"
        ).fetchall()


def test_it_may_do_nothing_in_the_repository_and_runs_nobody_elses_code(workflow, step):
    assert workflow["permissions"] == {}
    assert set(workflow["on"]) == {"workflow_run", "deployment_status"}
    assert workflow["on"]["workflow_run"] == {"workflows": ["Deploy"], "types": ["completed"]}
    assert set(workflow["jobs"]["tell"]) == {"name", "if", "runs-on", "timeout-minutes", "steps"}
    assert "permissions" not in workflow["jobs"]["tell"]
    assert set(step) == {"name", "env", "run"}


def test_no_value_of_the_event_becomes_text_of_the_script(step):
    assert "${{" not in step["run"]
    assert all(re.fullmatch(r"\$\{\{ [^}]+ \}\}", value) for value in step["env"].values())
    used = set(re.findall(r"\$\{([A-Z_]+)", step["run"])) - {"STATUS", "LOGIN", "USER_PART", "ENCODED"}
    assert used == set(step["env"])


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("success", "success"),
        ("failure", "failure"),
        ("error", "failure"),
        ("timed_out", "failure"),
        ("startup_failure", "failure"),
        ("cancelled", "cancelled"),
        ("in_progress", "in_progress"),
        ("queued", "in_progress"),
    ],
)
def test_each_outcome_is_told_in_the_doors_words(step, url, fresh_warehouse, outcome, status):
    done = run(step, url, OUTCOME=outcome)

    assert (done.returncode, done.stderr) == (0, "")
    assert posted(fresh_warehouse) == [
        ("acme/web", "production", "30433642", 2, RUN["SHA"], status, False, status == "in_progress", RUN["PAGE"])
    ]


@pytest.mark.parametrize("outcome", ["skipped", "neutral", "inactive", "action_required", "stale", ""])
def test_what_deployed_nothing_is_not_told(step, url, fresh_warehouse, outcome):
    assert run(step, url, OUTCOME=outcome).returncode == 0
    assert posted(fresh_warehouse) == []


def test_without_the_secret_it_says_so_and_does_not_fail(step):
    done = run(step, "")

    assert done.returncode == 0
    assert "ROOSEVELT_EVENTS_URL is not set" in done.stdout


@pytest.mark.parametrize(
    "evil",
    [
        "'; delete from ingest.deployment_events; --",
        "$(touch pwned)",
        "`touch pwned`",
        '"; touch pwned; "',
        "\\! touch pwned",
        ":'sha' :status",
        "--file=/etc/passwd",
    ],
)
def test_a_name_is_a_name_whatever_it_says(step, url, fresh_warehouse, tmp_path, monkeypatch, evil):
    monkeypatch.chdir(tmp_path)

    done = run(step, url, ENVIRONMENT=evil, REPOSITORY=evil)

    assert (done.returncode, done.stderr) == (0, "")
    assert [row[:2] for row in posted(fresh_warehouse)] == [(evil, evil)]
    assert list(Path().iterdir()) == []


def test_the_password_stands_on_no_command_line(step, url, fresh_warehouse, tmp_path):
    (tmp_path / "psql").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nprintf "password %s\\n" "$PGPASSWORD"\n')
    (tmp_path / "psql").chmod(0o755)

    done = run(step, url, path=f"{tmp_path}:{os.environ['PATH']}")

    arguments, _, password = done.stdout.rpartition("password ")
    assert password == f"{PASSWORD}\n"
    assert quote(PASSWORD, safe="") not in arguments
    assert f"@{url.rpartition('@')[2]}" in arguments


def test_an_address_without_a_password_is_left_as_it_is(step, tmp_path):
    (tmp_path / "psql").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "psql").chmod(0o755)

    for address in ("postgresql://ci@db.test/metrics", "postgresql://db.test:5432/metrics?user=a@b:c"):
        done = run(step, address, path=f"{tmp_path}:{os.environ['PATH']}")
        assert done.stdout.splitlines()[-1] == address


def test_what_the_door_refuses_fails_the_job_in_the_doors_words(step, url):
    done = run(step, url, SHA="main")

    assert done.returncode != 0
    assert "sha is 7 to 64 hexadecimal digits" in done.stderr
