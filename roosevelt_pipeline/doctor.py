"""What stands between here and a run that works: each thing checked, with what to do about it."""

import ipaddress
import os
import re
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from roosevelt_pipeline import services
from roosevelt_pipeline.demo_company import sandbox
from roosevelt_pipeline.environments import environment
from roosevelt_pipeline.fast_lane import inbox_folder
from roosevelt_pipeline.services import Profile
from roosevelt_pipeline.settings import Settings, SettingsError, home, settings_file
from roosevelt_pipeline.warehouse.cluster import EmbeddedError
from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse, preflight

if TYPE_CHECKING:
    import psycopg

SHORTEST_SECRET = 20  # characters of a webhook's secret that nobody guesses
POOLER_PORTS = ("6543",)  # where hosted PostgreSQL keeps its transaction pooler
Verdict = Literal["good", "odd", "bad"]
_SLACK = re.compile(r"https://hooks\.slack\.com/(services|workflows|triggers)/[A-Za-z0-9/_-]{10,}")


class NothingToReadError(RuntimeError):
    """No run would read anything from GitHub. The message says why, and what to do."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        verdict: ``bad`` if a run would not work with it, ``odd`` if it would but should be better.
        remedy: what to do, unless it is good.
    """

    verdict: Verdict
    subject: str
    message: str
    remedy: str = ""


def examine(demo: bool | None) -> Iterator[Check]:
    """Look at everything, one after another. What depends on something bad is left out."""
    try:
        profile = services.current_profile(bool(demo))
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Check("bad", "settings", line, "mend the file, or the variable, and ask again")
        return
    yield Check("good", "settings", f"{profile.policy} is understood")
    yield from _organization(profile)
    yield from _home()
    yield from _dotenv()
    yield from _database(profile)
    yield from _channels(profile.settings)
    yield from _alerts(profile.settings)
    yield from _webhooks(profile.settings)
    yield from _pagerduty(profile.settings)
    yield from _coverage(profile.settings)
    yield from _people(profile.settings)
    yield from _calendars(profile.settings)
    if profile.is_demo:
        with (
            services.command_crew() as crew,
            sandbox(crew) as address,
            environment(services.child_environment(profile, address)),
        ):
            yield from _github(services.current_profile(True).settings)
    else:
        yield from _github(profile.settings)


def _organization(profile: Profile) -> Iterator[Check]:
    name = profile.settings.github.organization
    if profile.is_demo:
        yield Check("good", "organisation", f"{name}, simulated on this machine")
    elif name:
        yield Check("good", "organisation", f"{name} at {profile.settings.github.api_url}")
    else:
        yield Check(
            "bad", "organisation", f"github.organization is not set in {profile.policy}",
            "name your organisation there, or ask about the demo with `roosevelt --demo doctor`",
        )  # fmt: skip


def _home() -> Iterator[Check]:
    try:
        home().mkdir(parents=True, exist_ok=True)
        probe = home() / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        yield Check(
            "bad", "home", f"{home()}: {error.strerror}", "make it writable, or set ROOSEVELT_HOME to another folder"
        )
        return
    free = os.statvfs(home()).f_bavail * os.statvfs(home()).f_frsize / 1e9
    if free < 1:
        yield Check("odd", "home", f"{free:.1f} GB free in {home()}", "make room")
    else:
        yield Check("good", "home", f"{home()}, {free:.0f} GB free")


def _dotenv() -> Iterator[Check]:
    path = settings_file().with_name(".env")
    if path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Check("odd", ".env", f"others on this machine may read {path}", f"chmod 600 {path}")


def _database(profile: Profile) -> Iterator[Check]:
    try:
        with services.database(profile):
            warehouse = services.resolve_warehouse(profile)
            preflight(warehouse)
            with warehouse.connect(autocommit=True) as connection:
                version = connection.info.parameter_status("server_version")
                yield Check("good", "database", f"{warehouse}, PostgreSQL {version}, writable")
                yield from _roles(connection)
                if not profile.is_embedded:
                    yield from _transport(warehouse, connection)
    except (DatabaseError, EmbeddedError) as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "database", message, remedy or "see the message")


def _roles(connection: "psycopg.Connection[object]") -> Iterator[Check]:
    names = [str(role) for role in Role]
    known = {str(row[0]) for row in connection.execute("select rolname from pg_roles where rolname = any(%s)", [names])}  # type: ignore[index]
    allowed = connection.execute(
        "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    ).fetchone()
    missing = [name for name in names if name not in known]
    if missing and not (allowed and allowed[0]):  # type: ignore[index]
        yield Check(
            "bad", "roles", f"{', '.join(missing)} do not exist, and {connection.info.user} may not create roles",
            f'an administrator must run: alter role "{connection.info.user}" createrole;',
        )  # fmt: skip
        return
    mode = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    foreign = [name for name in known if not _may_act_as(connection, name, mode)]
    if foreign and not (allowed and allowed[0]):  # type: ignore[index]
        yield Check(
            "bad", "roles", f"{connection.info.user} may not act as {', '.join(sorted(foreign))}",
            f'an administrator must run: grant {", ".join(sorted(foreign))} to "{connection.info.user}";',
        )  # fmt: skip
    else:
        yield Check("good", "roles", "made by the first run" if missing else "all there")


def _may_act_as(connection: "psycopg.Connection[object]", role: str, mode: str) -> bool:
    row = connection.execute("select pg_has_role(%s, %s)", [role, mode]).fetchone()
    return bool(row and row[0])  # type: ignore[index]


def _transport(warehouse: Warehouse, connection: "psycopg.Connection[object]") -> Iterator[Check]:
    parts = conninfo_to_dict(warehouse.url)
    if str(parts.get("port", "")) in POOLER_PORTS and "ROOSEVELT_DAGSTER_URL" not in os.environ:
        yield Check(
            "bad", "pooling", f"port {parts['port']} pools transactions, so Dagster hears no notifications",
            "use the direct or session address, or set ROOSEVELT_DAGSTER_URL to it",
        )  # fmt: skip
    host = str(parts.get("host") or "")
    if not host or host.startswith("/") or _is_loopback(host):
        return
    encrypted = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
    if not (encrypted and encrypted[0]):  # type: ignore[index]
        yield Check("odd", "encryption", f"the connection to {host} is not encrypted", _VERIFY)
    elif parts.get("sslmode") != "verify-full":
        yield Check("odd", "encryption", f"encrypted, but nothing proves that it is {host} that answers", _VERIFY)
    else:
        yield Check("good", "encryption", f"encrypted, and {host} has proved who it is")


_VERIFY = "add ?sslmode=verify-full&sslrootcert=system to DATABASE_URL"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(socket.gethostbyname(host)).is_loopback
    except OSError:
        return False


def _channels(settings: Settings) -> Iterator[Check]:
    if settings.slack_webhook is None:
        yield Check(
            "good", "Slack", "not used: failed runs show in the Dagster UI alone; set SLACK_WEBHOOK to hear of them"
        )
    elif _SLACK.fullmatch(settings.slack_webhook.get_secret_value()):
        yield Check("good", "Slack", "SLACK_WEBHOOK looks right; nothing was sent")
    else:
        yield Check(
            "odd", "Slack", "SLACK_WEBHOOK is no address of a Slack webhook",
            "copy it anew from Slack: https://hooks.slack.com/services/...",
        )  # fmt: skip


def _webhooks(settings: Settings) -> Iterator[Check]:
    webhooks = settings.webhooks
    if webhooks.inbox == "folder":
        folder = inbox_folder(settings)
        if folder.is_dir() and os.access(folder, os.R_OK | os.W_OK):
            yield Check("good", "webhooks", f"taken in from {folder}")
        else:
            remedy = "make it, and let this user read and write it"
            yield Check("odd", "webhooks", f"there is no folder {folder}, or it is not writable", remedy)
    elif settings.webhook_secrets:
        weak = min(len(secret) for secret in settings.webhook_secrets) < SHORTEST_SECRET
        if weak:
            remedy = f"make a longer one, such as by: openssl rand -hex {SHORTEST_SECRET}"
            yield Check("odd", "webhooks", "the secret is short enough to be guessed", remedy)
        else:
            yield Check("good", "webhooks", f"received at {settings.serve.host} port {settings.serve.port}")
    else:
        yield Check("good", "webhooks", "not used: GitHub is polled; set GITHUB_WEBHOOK_SECRET to hear sooner")


def _pagerduty(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.incidents import pagerduty_client, unknown_services

    client = pagerduty_client(settings)
    if client is None:
        if settings.pagerduty.services or settings.pagerduty.severities:
            yield Check("odd", "PagerDuty", "described in the policy, but never read", "set PAGERDUTY_TOKEN")
        else:
            yield Check("good", "PagerDuty", "not used; set PAGERDUTY_TOKEN to read its incidents")
        return
    from roosevelt_pipeline.sources.pagerduty.errors import PagerDutyError

    try:
        unknown = unknown_services(client, settings.pagerduty)
    except PagerDutyError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "PagerDuty", message, remedy or "see the message")
        return
    finally:
        client.close()
    if unknown:
        yield Check(
            "odd",
            "PagerDuty",
            f"has no service {', '.join(unknown)}",
            "mend pagerduty.services: ids or names, as there",
        )
    else:
        yield Check("good", "PagerDuty", f"can be read at {settings.pagerduty.api_url}")


def _coverage(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.doctor_quality import examine_coverage

    yield from examine_coverage(settings)


def _alerts(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.doctor_alerts import examine_alerts

    yield from examine_alerts(settings)


def _people(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.doctor_people import examine_people, examine_surveys

    yield from examine_people(settings)
    yield from examine_surveys(settings)


def _calendars(settings: Settings) -> Iterator[Check]:
    from roosevelt_pipeline.doctor_calendars import examine_calendars

    yield from examine_calendars(settings)


def _github(settings: Settings) -> Iterator[Check]:
    if not settings.github.organization:
        return
    if not _is_set(settings.github_token) and settings.github_app_id is None:
        yield Check(
            "bad", "GITHUB_TOKEN", "not set, and no GITHUB_APP_ID",
            "put one of them into .env; .env.example says what it must be able to read",
        )  # fmt: skip
        return
    from roosevelt_pipeline.sources.github.access import check_access
    from roosevelt_pipeline.sources.github.errors import GitHubError
    from roosevelt_pipeline.sources.github.opening import open_client

    try:
        client = open_client(settings, longest_wait=0)
        for found in check_access(client, settings):
            verdict: Verdict = "bad" if not found.ok else "odd" if found.is_odd else "good"
            yield Check(verdict, found.subject, found.message, found.remedy)
    except GitHubError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "GitHub", message, remedy)


def _is_set(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value().strip())


def before_a_run(settings: Settings) -> list[Check]:
    """What GitHub would refuse to a run. A repository or a name amiss is told; it stops nobody else.

    Raises:
        NothingToReadError: the organisation as a whole cannot be read.
    """
    checks = list(_github(settings))
    bad = [check for check in checks if check.verdict == "bad"]
    if bad and not any(check.subject.startswith("organisation ") and check.verdict == "good" for check in checks):
        raise NothingToReadError("\n".join(f"{check.subject}: {check.message}; {check.remedy}" for check in bad))
    return bad


def report(checks: Iterator[Check], say: Callable[[Check], None]) -> bool:
    """Say each check as it is made. Returns whether a run would work."""
    works = True
    for check in checks:
        say(check)
        works = works and check.verdict != "bad"
    return works
