"""The demo: a simulated company's activity through the real pipeline, told step by step."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

from roosevelt_pipeline import dora_table, job_runs, services, space_table
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.alerting.trying import try_route
from roosevelt_pipeline.alerts_report import open_lines, was_told
from roosevelt_pipeline.demo_company import alert_page, demo_state, running_sandbox, utc_today
from roosevelt_pipeline.doctor import NothingToReadError, before_a_run
from roosevelt_pipeline.environments import environment
from roosevelt_pipeline.processes import MARK
from roosevelt_pipeline.services import Profile
from roosevelt_pipeline.settings import SandboxSettings, Settings, home, last_complete_day, load_settings
from roosevelt_pipeline.supervisor import Supervisor, deaf, stoppable, supervising
from roosevelt_pipeline.terminal import Narrator

JOBS = ("daily", "weekly")  # the second reads calendars and coverage, and decides what may be shown of groups
WITHOUT_GITHUB = frozenset({"survey_answers", "surveys"})  # jobs that can do their work though it cannot be read


def once(profile: Profile, narrator: Narrator) -> bool:
    """Database, sandbox, job, table; then everything ends. Returns whether the job succeeded.

    A demo that a supervisor runs already is joined.
    """
    with stoppable(), ExitStack() as stack:
        start_database(stack, profile, narrator)
        with narrator.step("starting the simulated company ...") as step:
            joined = running_sandbox()
            stack.enter_context(services.serving(profile))
            step.result = _company(profile) + (" (already running)" if joined else "")
        success = _collect_and_show(profile, narrator)
        if success:
            where_next(profile, narrator, web=None)
    return success


def stay(profile: Profile, narrator: Narrator) -> bool:
    """The same, then webserver and daemon until Ctrl-C. Returns whether the job succeeded."""
    with stoppable(), ExitStack() as stack:
        success = True
        try:
            supervisor = stack.enter_context(supervising(profile, narrator.note))
            start_database(stack, profile, narrator)
            stack.callback(supervisor.crew.end)  # before the database that its members use
            with narrator.step("starting the simulated company ...") as step:
                address = supervisor.start_sandbox()
                step.result = _company(profile)
            with environment(services.child_environment(profile, address) | {MARK: supervisor.crew.mark}):
                success = _collect_and_show(profile, narrator)
            _serve(supervisor, profile, narrator)
        except KeyboardInterrupt:
            narrator.plain()
            narrator.note("stopping ...")
        with deaf():
            stack.close()
        narrator.done("everything has ended; the data stays, and `make demo` goes on from it")
    return success


def up(profile: Profile, narrator: Narrator) -> None:
    """Webserver and daemon on the user's own organisation until Ctrl-C."""
    with stoppable(), ExitStack() as stack:
        try:
            supervisor = stack.enter_context(supervising(profile, narrator.note))
            start_database(stack, profile, narrator)
            stack.callback(supervisor.crew.end)
            with narrator.step("preparing the warehouse ...") as step:
                applied = services.prepare_warehouse(profile)[1]
                step.result = f"warehouse ready ({len(applied)} migrations applied)"
            try:
                _warn(profile.settings, narrator)
            except NothingToReadError as error:
                narrator.failed(str(error))
                narrator.note("starting all the same; runs will fail until this is mended")
            _serve(supervisor, profile, narrator)
        except KeyboardInterrupt:
            narrator.plain()
            narrator.note("stopping ...")
        with deaf():
            stack.close()
        narrator.done("everything has ended; the data stays")


def run(profile: Profile, narrator: Narrator, job: str, as_of: date | None, repositories: Sequence[str]) -> bool:
    """One job with all that it needs. Returns whether it succeeded."""
    with stoppable(), ExitStack() as stack:
        start_database(stack, profile, narrator)
        with narrator.busy("starting what the job needs ..."):
            stack.enter_context(services.serving(profile))
        services.prepare_warehouse(profile)
        if job not in WITHOUT_GITHUB:
            _warn(services.current_profile().settings, narrator)
        return job_runs.run(job, narrator, as_of, repositories).success


def _warn(settings: Settings, narrator: Narrator) -> None:
    """Stop before any work if nothing could be read; name what could not, if the rest can."""
    with narrator.busy("asking GitHub what may be read ..."):
        bad = before_a_run(settings)
    for check in bad:
        narrator.failed(f"{check.subject}: {check.message} → {check.remedy}")


def start_database(stack: ExitStack, profile: Profile, narrator: Narrator) -> None:
    """Have the embedded server for the life of ``stack``; say what was found on the way."""
    with narrator.step("starting PostgreSQL ...") as step:
        server = stack.enter_context(services.database(profile))
        if server:
            step.result = "PostgreSQL 18 ready" + ("" if server.started else " (already running)")
    for notice in server.notices if server else ():
        narrator.note(notice)


def _company(profile: Profile) -> str:
    policy = profile.settings.sandbox or SandboxSettings()
    state = demo_state(policy, utc_today())
    days = (last_complete_day(utc_today()) - state.start) // timedelta(days=1) + 1
    told = f"sandbox: {profile.settings.github.organization}, {days} days of a simulated company up to yesterday"
    return told + (f", with a bad week from {state.bad_week} on" if state.bad_week else "")


def _collect_and_show(profile: Profile, narrator: Narrator) -> bool:
    with narrator.step("preparing the warehouse ...") as step:
        warehouse, applied = services.prepare_warehouse(profile)
        step.result = f"warehouse ready ({len(applied)} migrations applied)"
    if profile.is_demo:
        enable(warehouse, datetime.now(UTC))  # alerts reach receivers on this machine and nobody else
    outcomes = [job_runs.run(job, narrator, as_of=None) for job in JOBS]
    if profile.is_demo and not was_told(warehouse):
        _send_a_test(load_settings(profile.policy))
    if table := dora_table.read(warehouse):
        narrator.plain()
        narrator.console.print(dora_table.render(table))
    if space := space_table.read(warehouse):
        narrator.plain()
        narrator.console.print(space_table.render(space))
    narrator.plain()
    for line in open_lines(warehouse):
        narrator.plain(line)
    return all(outcome.success for outcome in outcomes)


def _send_a_test(settings: Settings) -> None:
    """Where no alert has opened yet, the page shows at least what one looks like."""
    for route in settings.alerts.routes:
        try_route(settings, route.name, datetime.now(UTC))


def _serve(supervisor: Supervisor, profile: Profile, narrator: Narrator) -> None:
    with narrator.step("starting the Dagster UI ...") as step:
        address = supervisor.start_dagster()
        step.result = f"Dagster UI: {address}"
    if profile.settings.serves:
        with narrator.step("opening the door for webhooks, surveys and alert buttons ...") as step:
            served = supervisor.start_serve()
            step.result = f"webhooks, surveys and alert buttons: {served}" if served else ""
    where_next(profile, narrator, address, alert_page(supervisor.state.sandbox) if supervisor.state.sandbox else None)
    supervisor.watch()


def where_next(profile: Profile, narrator: Narrator, web: str | None, alerts: str | None = None) -> None:
    """Where to look, how to stop, how to go on. The one place that shows the reader's password."""
    flag = " --demo" if profile.is_demo and services.current_profile().name != "demo" else ""
    narrator.plain()
    if web:
        narrator.plain(f"Dagster UI   {web}")
    else:
        narrator.plain("Dagster UI   `make demo` at a terminal, or `.venv/bin/roosevelt demo`, leaves it running")
    if alerts:
        narrator.plain(f"Alerts       {alerts}  shows what the demo's Slack, mail server and PagerDuty were sent")
    if url := services.reader_url(profile):
        narrator.plain(f"BI tools     {url}")
        if not web:
            narrator.plain("             (while something of Roosevelt's runs)")
    narrator.plain(
        f"SQL          .venv/bin/roosevelt{flag} psql -c 'select * from dora_summary order by date desc limit 7'"
    )
    if profile.is_demo:
        narrator.plain(
            "Your own     name your organisation in roosevelt.toml, put GITHUB_TOKEN into .env, then: make up"
        )
    narrator.plain("Stop         Ctrl-C" if web else f"Data         stays in {home()}")
    sys.stdout.flush()
