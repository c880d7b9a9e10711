"""`roosevelt`: a thin face over what stands below."""

import functools
import itertools
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from roosevelt_pipeline import services
from roosevelt_pipeline.demo_company import ServiceError
from roosevelt_pipeline.environments import environment
from roosevelt_pipeline.services import Profile
from roosevelt_pipeline.settings import (
    PROJECT_ROOT,
    ImportSettings,
    SettingsError,
    SurveyImport,
    home,
    import_settings,
    settings_file,
)
from roosevelt_pipeline.supervisor import AlreadyRunning
from roosevelt_pipeline.terminal import narrator, show_markdown
from roosevelt_pipeline.warehouse.cluster import EmbeddedError
from roosevelt_pipeline.warehouse.connections import DatabaseError

PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
NO_RUN, ALREADY_RUNNING, STOPPED = 2, 3, 130
MOST_REJECTS_TOLD = 50


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--demo", is_flag=True, help="About the demo, even if roosevelt.toml names an organisation.")
@click.pass_context
def cli(context: click.Context, demo: bool) -> None:
    """DORA and SPACE metrics in your own PostgreSQL.

    Commands are about the organisation in roosevelt.toml, and about the demo until it names one.
    """
    context.obj = demo or None
    services.read_dotenv()


def with_profile(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the profile that it is about."""

    @click.pass_context
    @functools.wraps(command)
    def wrapped(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return command(services.current_profile(context.obj), *args, **kwargs)

    return wrapped


@cli.command()
@click.option("--once", is_flag=True, help="End after the table; leave nothing running.")
def demo(once: bool) -> None:
    """Simulate a company, run the whole pipeline on it, show the numbers."""
    from roosevelt_pipeline import demo as story

    profile = services.current_profile(demo=True)
    with narrator(home() / "logs" / "demo.log") as voice:
        success = story.once(profile, voice) if once else story.stay(profile, voice)
        if not success:
            voice.plain(f"The log is {home() / 'logs' / 'demo.log'}")
    sys.exit(0 if success else 1)


@cli.command()
def up() -> None:
    """Run Roosevelt on your organisation: webserver and daemon, until Ctrl-C."""
    from roosevelt_pipeline import demo as story

    profile = services.current_profile(demo=False)
    if profile.is_demo or not profile.settings.github.organization:
        raise SettingsError(
            f"{settings_file()}: github.organization is not set; name your organisation there, "
            "or try the simulated one with `make demo`"
        )
    with narrator(home() / "logs" / "up.log") as voice:
        story.up(profile, voice)


@cli.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check settings, database, token, repositories and channels. Exit 0 only if a run would work."""
    from roosevelt_pipeline.doctor import Check, examine, report

    with narrator() as voice:

        def say(check: Check) -> None:
            line = f"{check.subject}: {check.message}" + (f" → {check.remedy}" if check.remedy else "")
            if check.verdict == "good":
                voice.done(line)
            elif check.verdict == "odd":
                voice.note(line)
            else:
                voice.failed(line)

        works = report(examine(context.obj), say)
        voice.plain("A run would work." if works else "A run would not work yet.")
    sys.exit(0 if works else 1)


@cli.command()
@click.argument("job")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Newest day that counts; the last complete day if unset."
)
@click.option("--repository", "repositories", multiple=True, metavar="NAME", help="Collect this repository alone.")
@with_profile
def run(profile: Profile, job: str, as_of: datetime | None, repositories: tuple[str, ...]) -> None:
    """Run JOB (such as `daily`) now and wait for it. It shows in the Dagster UI like any other."""
    from roosevelt_pipeline import demo as story

    day = as_of.date() if as_of else None
    with narrator(home() / "logs" / "run.log") as voice:
        success = story.run(profile, voice, job, day, _whole_names(profile, repositories))
    sys.exit(0 if success else 1)


def _whole_names(profile: Profile, names: Sequence[str]) -> list[str]:
    owner = profile.settings.github.organization
    return [name if "/" in name else f"{owner}/{name}" for name in names]


@cli.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@with_profile
def psql(profile: Profile, arguments: tuple[str, ...]) -> NoReturn:
    """psql on the warehouse; ARGUMENTS are passed on, as in: roosevelt psql -Atc "select 1"."""
    from roosevelt_pipeline.psql import run as run_psql

    sys.exit(run_psql(profile, arguments))


@cli.command()
@with_profile
def status(profile: Profile) -> None:
    """What runs, what ran last, how fresh the data is, how much there is."""
    from roosevelt_pipeline import status as report

    for line in report.services_lines(profile):
        click.echo(line)
    with services.database(profile), environment(services.child_environment(profile)):
        click.echo("")
        warehouse = services.resolve_warehouse(profile)
        for line in report.github_lines(warehouse):
            click.echo(line)
        for line in report.data_lines(warehouse):
            click.echo(line)
        click.echo("")
        for line in report.run_lines():
            click.echo(line)


@cli.command()
@click.argument("metric")
@click.option("--scope", metavar="TYPE:NAME", help="Such as service:web or team:payments; the organisation if unset.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the window; the newest if unset.")
@click.option("--window", "days", default=28, show_default=True, help="Its length in days: 1, 7, 28 or 90.")
@click.option("--all", "everything", is_flag=True, help="Every event, and not the newest of each list alone.")
@click.option("--json", "json_", is_flag=True, help="Everything, for programs.")
@with_profile
def explain(
    profile: Profile, metric: str, scope: str | None, day: datetime | None, days: int, everything: bool, json_: bool
) -> None:
    """Take the number of METRIC apart: the events it is made of, and those left out with the reason."""
    from roosevelt_pipeline import explain_report as report
    from roosevelt_pipeline.explain import explain as take_apart

    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        explanation = take_apart(warehouse, metric, scope, day.date() if day else None, days)
    address = report.web_address(profile.settings.github.api_url)
    if json_:
        click.echo(report.as_json(explanation, address))
        return
    for line in report.lines(explanation, address, everything=everything):
        click.echo(line)


@cli.command()
@with_profile
def serve(profile: Profile) -> None:
    """Receive webhooks, answers to the survey and verdicts on alerts, until Ctrl-C.

    `make up` runs this beside the daemon if asked to.
    """
    _serve(profile)


def _serve(profile: Profile) -> None:
    from roosevelt_pipeline.supervisor import stoppable
    from roosevelt_pipeline.web import server

    with stoppable(), services.database(profile):
        server.serve(profile.settings, services.resolve_warehouse(profile), lambda address: click.echo(address))


@cli.command()
@with_profile
def health(profile: Profile) -> None:
    """How far the data can be trusted: what is wrong, what to do, what is fine. Exit 1 if anything is wrong."""
    from roosevelt_pipeline import data_health

    with services.database(profile):
        found = data_health.read_health(services.resolve_warehouse(profile))
    if found is None:
        raise DatabaseError("there is nothing to report on yet; run `roosevelt run daily` first")
    today = datetime.now(UTC).date()
    show_markdown(data_health.as_markdown(found, today))
    sys.exit(1 if found.is_bad(today) else 0)


@cli.group()
def db() -> None:
    """The warehouse itself."""


@db.command()
@with_profile
def migrate(profile: Profile) -> None:
    """Make roles, schemas and tables, or bring them up to date."""
    with services.database(profile):
        warehouse, applied = services.prepare_warehouse(profile)
        for name in applied:
            click.echo(f"applied {name}")
        click.echo(f"the {warehouse} is up to date")


@cli.group("import")
def import_() -> None:
    """Bring in what other systems know, from CSV or JSON lines; docs/imports.md lists the columns."""


def importing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that all imports share."""
    for decorate in (
        with_profile,
        click.option("--dry-run", is_flag=True, help="Say what would become of each row; keep nothing."),
        click.option("--mapping", type=click.Path(path_type=Path), help="TOML that says what the columns are called."),
        click.argument("file"),
    ):
        command = decorate(command)
    return command


@import_.command("deployments")
@importing
def import_deployments(profile: Profile, file: str, mapping: Path | None, dry_run: bool) -> None:
    """Import deployments from FILE (- for standard input). Exit 1 if a row was rejected; the rest has landed."""
    sys.exit(_import(profile, profile.settings.imports.deployments, file, mapping, dry_run))


@import_.command("incidents")
@importing
def import_incidents(profile: Profile, file: str, mapping: Path | None, dry_run: bool) -> None:
    """Import incidents from FILE (- for standard input). Exit 1 if a row was rejected; the rest has landed."""
    sys.exit(_import(profile, profile.settings.imports.incidents, file, mapping, dry_run))


@import_.command("surveys")
@importing
def import_surveys(profile: Profile, file: str, mapping: Path | None, dry_run: bool) -> None:
    """Import answers to a survey from FILE (- for input). Exit 1 if a row was rejected; the rest has landed."""
    from roosevelt_pipeline.surveys.files import import_answers, summary
    from roosevelt_pipeline.surveys.inbox import format_of

    columns = import_settings(SurveyImport, mapping) if mapping else format_of(profile.settings, file)
    tell = _teller()
    with services.database(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        tally = import_answers(profile.settings, warehouse, file, columns, dry_run=dry_run, on_reject=tell)
    if tally.rejected > MOST_REJECTS_TOLD:
        click.echo(f"... and {tally.rejected - MOST_REJECTS_TOLD} more", err=True)
    for line in summary(tally, dry_run=dry_run):
        click.echo(line)
    sys.exit(1 if tally.rejected else 0)


def _teller() -> Callable[[str], None]:
    """Says what was rejected, up to a point."""
    told = itertools.count(1)

    def tell(line: str) -> None:
        if next(told) <= MOST_REJECTS_TOLD:
            click.echo(line, err=True)

    return tell


@import_.command("coverage")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--repository", required=True, help="Name of the repository, without its owner.")
@click.option("--sha", help="Commit that was measured.")
@with_profile
def import_coverage(profile: Profile, file: Path, repository: str, sha: str | None) -> None:
    """Import a coverage report (Cobertura XML or LCOV) from FILE."""
    from roosevelt_pipeline import quality

    with services.database(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        landed = quality.import_coverage(warehouse, file, repository.rpartition("/")[2], uuid.uuid4(), sha)
    click.echo("1 report landed" if landed.versions else "known already; nothing changed")


def _import(profile: Profile, declared: ImportSettings, file: str, mapping: Path | None, dry_run: bool) -> int:
    from roosevelt_pipeline.imports import import_file, summary
    from roosevelt_pipeline.sources.imports.incidents import severities

    columns = import_settings(type(declared), mapping) if mapping else declared
    tell = _teller()
    with services.database(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        words = severities(profile.settings.metrics.severity_labels)
        tally = import_file(warehouse, file, columns, uuid.uuid4(), severities=words, dry_run=dry_run, on_reject=tell)
    if tally.rejected > MOST_REJECTS_TOLD:
        click.echo(f"... and {tally.rejected - MOST_REJECTS_TOLD} more", err=True)
    for line in summary(tally, dry_run=dry_run):
        click.echo(line)
    return 1 if tally.rejected else 0


@cli.group()
def survey() -> None:
    """The quarterly survey; docs/surveys.md tells how it goes."""


@survey.command()
@click.option("--dry-run", is_flag=True, help="Say how many would be asked and reminded; send nothing.")
@with_profile
def invite(profile: Profile, dry_run: bool) -> None:
    """Invite and remind whoever is due now, as the schedule does. Exit 1 if a message was not sent."""
    from roosevelt_pipeline.surveys.inviting import send_invitations

    with services.serving(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        report = send_invitations(services.current_profile().settings, warehouse, dry_run=dry_run)
    for line in report.lines(dry_run=dry_run):
        click.echo(line)
    sys.exit(1 if report.failed else 0)


@survey.command("serve")
@with_profile
def survey_serve(profile: Profile) -> None:
    """Serve the form until Ctrl-C: another name of `roosevelt serve`, which serves everything there is."""
    if not profile.settings.surveys.is_served:
        raise SettingsError(
            f"{settings_file()}: surveys.address is not set; name the address under which people reach the form, "
            "such as http://127.0.0.1:3100 to try it here"
        )
    _serve(profile)


@cli.group()
def people() -> None:
    """Who takes part in SPACE: nobody by default; docs/surveys.md says how it is decided."""


@people.command()
@with_profile
def check(profile: Profile) -> None:
    """Read the directory and say what is wrong with which row; nothing is kept. Exit 1 if anything is."""
    from roosevelt_pipeline.people_report import check_lines

    lines, is_good = check_lines(profile.settings)
    for line in lines:
        click.echo(line)
    sys.exit(0 if is_good else 1)


@people.command()
@with_profile
def sync(profile: Profile) -> None:
    """Follow the directory now, as every daily run does. Exit 1 if a row could not be used; the rest is done."""
    from roosevelt_pipeline.people import follow_people
    from roosevelt_pipeline.people_report import sync_lines

    with services.serving(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        report = follow_people(services.current_profile().settings, warehouse)
    for line in sync_lines(report):
        click.echo(line)
    sys.exit(1 if report.faults else 0)


@people.command("opt-in")
@click.argument("who")
@click.option("--link-survey", is_flag=True, help="Answers may carry the same pseudonym as work does.")
@with_profile
def opt_in(profile: Profile, who: str, link_survey: bool) -> None:
    """Let WHO (GitHub login or number, or an e-mail address) take part from now on."""
    _participate(profile, who, takes_part=True, links_survey=link_survey)


@people.command("opt-out")
@click.argument("who")
@with_profile
def opt_out(profile: Profile, who: str) -> None:
    """Let WHO take part no longer, and delete what was read about the person."""
    _participate(profile, who, takes_part=False)


@people.command("export")
@click.argument("who")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="File to write; must not exist.")
@click.option("--with-texts", is_flag=True, help="Open what the person wrote in surveys. You could then read it, too.")
@with_profile
def export_person(profile: Profile, who: str, target: Path, with_texts: bool) -> None:
    """Write everything that is held about WHO (GitHub login or number, or an e-mail address), for WHO to have."""
    from roosevelt_pipeline.people_export import export_person

    with services.serving(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        settings = services.current_profile().settings
        click.echo(export_person(settings, warehouse, who, target, opens_texts=with_texts).line(target))


def _participate(profile: Profile, who: str, **decision: bool) -> None:
    from roosevelt_pipeline.people import change_participation

    with services.serving(profile):
        warehouse, _ = services.prepare_warehouse(profile)
        click.echo(change_participation(services.current_profile().settings, warehouse, who, **decision))


@cli.group()
def alerts() -> None:
    """What is worth an interruption: rules, alerts, and what their readers say of them."""


@alerts.command("preview")
@click.option("--rule", metavar="NAME", help="One rule; all if unset.")
@click.option("--days", default=180, show_default=True, type=click.IntRange(7, 1000))
@with_profile
def preview_alerts(profile: Profile, rule: str | None, days: int) -> None:
    """How often each rule would have fired, on what. Nobody is told anything."""
    from roosevelt_pipeline.alerting import preview

    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        show_markdown(preview.as_markdown(preview.preview(warehouse, profile.settings, days, rule)))


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those of the last 90 days that have ended.")
@with_profile
def list_alerts(profile: Profile, everything: bool) -> None:
    """Open alerts, silences, and messages that wait or were given up."""
    from roosevelt_pipeline.alerts_report import list_lines

    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        for line in list_lines(warehouse, datetime.now(UTC), everything=everything):
            click.echo(line)


@alerts.command("evaluate")
@click.option("--dry-run", is_flag=True, help="Say what would be told, and change nothing.")
@with_profile
def evaluate_alerts(profile: Profile, dry_run: bool) -> None:
    """Hold the rules against the newest day now, and send what is due."""
    from roosevelt_pipeline.alerting.evaluation import evaluate
    from roosevelt_pipeline.alerting.messages import summary
    from roosevelt_pipeline.alerting.outbox import deliver

    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        found = evaluate(warehouse, profile.settings, datetime.now(UTC), dry_run=dry_run)
        click.echo(summary(found.news) or "There is nothing new to tell.")
        if found.is_dry_run:
            click.echo("A dry run: nothing is sent until `roosevelt alerts enable`.")
        elif not dry_run:
            _say_tries(deliver(warehouse, profile.settings))


@alerts.command("enable")
@with_profile
def enable_alerts(profile: Profile) -> None:
    """Send from now on; until then all is a dry run."""
    from roosevelt_pipeline.alerting.switching import enable

    with services.database(profile):
        count = enable(services.resolve_warehouse(profile), datetime.now(UTC))
    click.echo(f"Alerts are sent from now on; {count} that are open are told after the next run.")


@alerts.command("disable")
@with_profile
def disable_alerts(profile: Profile) -> None:
    """Send nothing; evaluation goes on as a dry run."""
    from roosevelt_pipeline.alerting.switching import disable

    with services.database(profile):
        disable(services.resolve_warehouse(profile), datetime.now(UTC))
    click.echo("Nothing is sent any more.")


@alerts.command("silence")
@click.option("--rule", default="*", show_default=True, help="Pattern of rules.")
@click.option("--scope", default="*", show_default=True, help="Pattern of scopes, as team:payments.")
@click.option("--days", required=True, type=click.FloatRange(0, 365, min_open=True))
@click.option("--reason", required=True)
@click.option("--by", required=True, help="By whose word: a team or a role.")
@with_profile
def silence_alerts(profile: Profile, rule: str, scope: str, days: float, reason: str, by: str) -> None:
    """Tell nothing of some alerts for a while; they are kept, and told afterwards if they are still there."""
    from roosevelt_pipeline.alerting.silences import silence

    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    with services.database(profile):
        number = silence(services.resolve_warehouse(profile), profile.settings, rule, scope, until, reason, by, now)
    click.echo(f"Silence {number} until {until:%Y-%m-%d %H:%M} UTC: {rule} in {scope}.")


@alerts.command("unsilence")
@click.argument("number", type=int)
@with_profile
def unsilence_alerts(profile: Profile, number: int) -> None:
    """End silence NUMBER now; what it kept quiet is told with the next run, if it is still there."""
    from roosevelt_pipeline.alerting.silences import end_silence

    with services.database(profile):
        end_silence(services.resolve_warehouse(profile), number, datetime.now(UTC))
    click.echo(f"Silence {number} is over.")


@alerts.command("acknowledge")
@click.argument("alert")
@click.option("--by", required=True, help="Who sees to it: a team or a role.")
@with_profile
def acknowledge_alert(profile: Profile, alert: str, by: str) -> None:
    """Somebody sees to ALERT (the beginning of its id): it is not repeated."""
    from roosevelt_pipeline.alerting.switching import acknowledge

    with services.database(profile):
        acknowledge(services.resolve_warehouse(profile), alert, by, datetime.now(UTC))
    click.echo("It is not repeated any more.")


@alerts.command("judge")
@click.argument("alert")
@click.argument("verdict", type=click.Choice(["actionable", "noise"]))
@with_profile
def judge_alert(profile: Profile, alert: str, verdict: Any) -> None:
    """Say whether ALERT (the beginning of its id) was worth it."""
    from roosevelt_pipeline.alerting.switching import judge

    with services.database(profile):
        judge(services.resolve_warehouse(profile), alert, verdict, datetime.now(UTC))
    click.echo(f"Judged {verdict}; `roosevelt alerts accuracy` counts it.")


@alerts.command("accuracy")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 1000))
@with_profile
def alert_accuracy(profile: Profile, days: int) -> None:
    """Which rules are worth their alerts, by the verdicts of those who got them."""
    from roosevelt_pipeline.alerting.accuracy import as_markdown, read_accuracy

    with services.database(profile):
        show_markdown(as_markdown(read_accuracy(services.resolve_warehouse(profile), datetime.now(UTC), days)))


@alerts.command("test")
@click.argument("route")
@with_profile
def test_route(profile: Profile, route: str) -> None:
    """Send a message that says that it is a test over ROUTE, whether or not alerts are turned on."""
    from roosevelt_pipeline.alerting.trying import try_route

    outcome = try_route(profile.settings, route, datetime.now(UTC))
    click.echo(f"{route}: {outcome.kind.replace('_', ' ')}{f' ({outcome.reason})' if outcome.reason else ''}")
    sys.exit(0 if outcome.kind == "sent" else 1)


@alerts.command("retry")
@with_profile
def retry_alerts(profile: Profile) -> None:
    """Send again what was given up."""
    from roosevelt_pipeline.alerting.outbox import deliver, retry

    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        count = retry(warehouse, datetime.now(UTC))
        click.echo(f"{count} message{' is' if count == 1 else 's are'} tried again.")
        _say_tries(deliver(warehouse, profile.settings))


def _say_tries(tries: Mapping[str, int]) -> None:
    """How many messages ended how, if any was sent."""
    if tries:
        click.echo("; ".join(f"{kind.replace('_', ' ')}: {count}" for kind, count in tries.items()))


@cli.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@with_profile
def dbt(profile: Profile, arguments: tuple[str, ...]) -> NoReturn:
    """dbt on the warehouse; ARGUMENTS are passed on, as in: roosevelt dbt build --select marts."""
    project = PROJECT_ROOT / "dbt_project"
    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        folders = {"DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project)}
        variables = services.child_environment(profile) | warehouse.dbt_environment() | folders
        program = str(Path(sys.executable).with_name("dbt"))
        sys.exit(subprocess.run([program, *arguments], env=variables, cwd=project, check=False).returncode)


@cli.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> NoReturn:
    """The simulated company's GitHub alone, on a port; `roosevelt sandbox --help` tells of its options."""
    os.execv(sys.executable, [sys.executable, "-m", "roosevelt_pipeline.sandbox", *arguments])  # noqa: S606


def main() -> None:
    """Run the command line. What a user can mend is one message, without a traceback.

    Exit status: 0 done, 1 something failed in part, 2 it could not begin, 3 already running.
    """
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(STOPPED)
    except AlreadyRunning as error:
        _complain(error, ALREADY_RUNNING)
    except (SettingsError, DatabaseError, EmbeddedError, ServiceError) as error:
        _complain(error, NO_RUN)
    except Exception as error:
        if not _is_explained(error):
            raise
        _complain(error, NO_RUN)


_EXPLAINED = {
    "AlertError",
    "ChannelError",
    "DirectoryError",
    "ExplainError",
    "ExportFileError",
    "GitHubError",
    "ImportFileError",
    "ManifestError",
    "NothingToReadError",
    "QualityError",
    "SecretKeyError",
    "UnknownJobError",
    "UnknownPersonError",
}


def _is_explained(error: Exception) -> bool:
    """Whether an error of a module that is slow to import explains itself to the user."""
    return not _EXPLAINED.isdisjoint(kind.__name__ for kind in type(error).__mro__)


def _complain(error: Exception, code: int) -> NoReturn:
    click.echo(f"roosevelt: {error}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
