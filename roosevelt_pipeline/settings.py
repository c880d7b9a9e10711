"""Every knob of the pipeline, typed, in one place.

Policy (which repositories, which thresholds) lives in ``roosevelt.toml``, where a change
is reviewed. Secrets and addresses come from the environment or ``.env``; the environment
wins over both files. Nothing else in the package reads either.
"""

import os
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from roosevelt_pipeline.alert_settings import AlertSettings
from roosevelt_pipeline.patterns import matches, matches_any
from roosevelt_pipeline.sections import Section, suggestion

PROJECT_ROOT = Path(__file__).parents[1]

DeploymentSource = Literal["github_deployment", "workflow_run", "workflow_job", "release", "tag", "branch", "event"]
AttemptStatus = Literal["success", "failure", "cancelled", "in_progress"]
IncidentStatus = Literal["open", "resolved", "duplicate", "not_planned"]


class SettingsError(ValueError):
    """Settings that cannot be used. The message names the file, the key and the remedy."""


_policy_folder: ContextVar[Path | None] = ContextVar("_policy_folder", default=None)


def _beside_the_policy(path: Path) -> Path:
    """A path as the policy means it: from the folder that roosevelt.toml lies in, wherever a process was started."""
    return (_policy_folder.get() or Path()) / path.expanduser()


def _of_its_own(path: Path) -> Path:
    if path.resolve() == (_policy_folder.get() or Path()).resolve():
        raise ValueError(
            "is the folder of roosevelt.toml itself, of which every file would be taken in and moved; "
            "name a folder of its own, or leave it out"
        )
    return path


PolicyPath = Annotated[Path, AfterValidator(_beside_the_policy)]
InboxPath = Annotated[PolicyPath, AfterValidator(_of_its_own)]


class GitHubSettings(Section):
    """Where GitHub is and what of it is read."""

    organization: str | None = Field(None, description="Login of the organisation, as in its address.")
    api_url: str = Field("https://api.github.com", description="Base address; GitHub Enterprise has its own.")
    include: tuple[str, ...] = Field(("*",), description="Patterns of repository names to read.")
    exclude: tuple[str, ...] = Field((), description="Patterns of repository names to leave out.")
    read_since: date | None = Field(None, description="History before this day is not read; all of it if unset.")
    incident_labels: tuple[str, ...] = Field(("incident",), min_length=1, description="Issues that are incidents.")
    bug_labels: tuple[str, ...] = Field(("bug",), description="Issues that are defects; none are read if empty.")
    hotfix_labels: tuple[str, ...] = ("hotfix",)
    hotfix_branches: tuple[str, ...] = ("hotfix/*", "hotfix-*")
    workers: int = Field(4, ge=1, le=32, description="Streams that are read at once, of one repository or of several.")
    request_timeout_seconds: float = Field(30, gt=0, description="A request not wholly answered by then has failed.")
    longest_wait_minutes: float = Field(65, ge=0, description="Longest wait for rate limits before giving up.")
    refresh_every_hours: float = Field(20, gt=0, description="Age at which open objects are asked for again, by id.")
    sweep_most_gone_ratio: float = Field(
        0.2, ge=0, le=1, description="Share of a stream that a weekly sweep takes for deleted though no count agrees."
    )
    refresh_requests: int = Field(40, ge=4, description="Requests for that, for each repository and run.")


class BotSettings(Section):
    """Who is a machine, besides the accounts that GitHub itself calls bots."""

    patterns: tuple[str, ...] = ("*[bot]", "*-bot", "dependabot*", "renovate*", "github-actions*")
    accounts: tuple[str, ...] = Field((), description="Logins that are machines though no pattern says so.")


class DeploymentRule(Section):
    """How deployments of some repositories are recognised. The first rule that matches holds."""

    repositories: tuple[str, ...] = Field(("*",), description="Patterns of repository names.")
    sources: tuple[DeploymentSource, ...] = Field(("github_deployment", "event"), min_length=1)
    environments: tuple[str, ...] = Field(("production", "prod", "*-production"), description="Production, by name.")
    workflows: tuple[str, ...] = Field((), description="Names or paths of workflows whose runs or jobs deploy.")
    jobs: tuple[str, ...] = Field((), description="Names of jobs that deploy, for the source 'workflow_job'.")
    tags: tuple[str, ...] = Field((), description="Names of tags that deploy; of releases too, if that is a source.")
    branch: str | None = Field(None, description="Branch, or a pattern of them, whose pushes deploy.")

    @model_validator(mode="after")
    def sources_have_their_patterns(self) -> "DeploymentRule":
        for source, key in (("workflow_run", "workflows"), ("workflow_job", "jobs"), ("tag", "tags")):
            if source in self.sources and not getattr(self, key):
                raise ValueError(f'the source {source!r} needs {key}: name what deploys, or {key} = ["*"] for all')
        for key, users in (("jobs", ("workflow_job",)), ("tags", ("tag", "release")), ("branch", ("branch",))):
            if getattr(self, key) and not set(users) & set(self.sources):
                raise ValueError(f"{key} is set, but sources lacks {' or '.join(map(repr, users))}, which would use it")
        return self

    def reads_pushes(self, default_branch: str) -> bool:
        """Whether it needs the pushes to branches other than the default one."""
        is_pattern = self.branch is not None and ("*" in self.branch or "?" in self.branch)
        return "branch" in self.sources and self.branch is not None and (is_pattern or self.branch != default_branch)

    def deploys_by_push_to(self, branch: str) -> bool:
        """Whether a push to the branch, which is not the default one, is a deployment."""
        return "branch" in self.sources and self.branch is not None and matches(branch, self.branch)


class OwnerSettings(Section):
    """A team that owns a service from a day on, until the next one does."""

    team: str
    since: date | None = Field(None, description="Its first day, in its own zone; only the first may leave it out.")


class ServiceSettings(Section):
    """What is deployed and measured as one thing. A repository without any is one service."""

    name: str
    repository: str = Field(description="Name of the repository, without its owner.")
    team: str | None = Field(None, description="Who owns it now.")
    owners: tuple[OwnerSettings, ...] = Field((), description="Who owned it since when, oldest first.")
    environments: tuple[str, ...] = Field((), description="Its production environments, where several services share.")
    workflows: tuple[str, ...] = Field((), description="Its deploying workflows, where several services share.")
    jobs: tuple[str, ...] = Field((), description="Its deploying jobs, where several services share.")
    tags: tuple[str, ...] = Field((), description="Its tags and releases, where several services share.")
    paths: tuple[str, ...] = Field((), description="Its files in a monorepo, as path prefixes.")

    @model_validator(mode="after")
    def owners_follow_each_other(self) -> "ServiceSettings":
        for before, after in pairwise(self.owners):
            if after.since is None or (before.since is not None and after.since <= before.since):
                raise ValueError(
                    f"owners: {after.team!r} needs a day, since, that is later than that of the one before"
                )
        if self.owners and self.team not in (None, self.owners[-1].team):
            raise ValueError(f"team is {self.team!r}, but the last of owners is {self.owners[-1].team!r}; drop team")
        return self

    def team_on(self, day: date) -> str | None:
        """Who owned it then, as far as the policy says."""
        if not self.owners:
            return self.team
        return next((one.team for one in reversed(self.owners) if one.since is None or one.since <= day), None)


class TeamSettings(Section):
    """A team: its name, its GitHub team and its zone."""

    name: str
    github: str | None = Field(None, description="Slug of the GitHub team; the name if unset.")
    timezone: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="Whose public holidays it keeps (ISO 3166).")
    compared: bool = Field(False, description="Whether it takes part in comparisons between teams, and sees them.")

    @field_validator("timezone")
    @classmethod
    def zone_exists(cls, name: str | None) -> str | None:
        return name if name is None else known_zone(name)


class MetricSettings(Section):
    """Choices that METRICS leaves to the organisation."""

    tier_edition: str = Field("roosevelt-2026", description="Edition of the tiers: roosevelt-2026, 2024, 2023, 2021.")
    space_edition: str = Field("roosevelt-2026", description="Edition of the ratings of SPACE.")
    timezone: str = Field("UTC", description="Zone of the organisation's days, and of teams without one.")
    minimum_deployments: int = Field(5, ge=1, description="Below it a ratio is shown without a tier.")
    minimum_observed_days: int = Field(7, ge=1, description="Below it there is insufficient data.")
    failure_window_hours: float = Field(24, gt=0, description="An incident this soon after a deployment is its own.")
    hotfix_window_hours: float = Field(24, gt=0, description="A hotfix this soon after a deployment mends it.")
    lead_time_bound_days: int = Field(90, ge=1, description="Commits older than this before their pull request.")
    severity_labels: dict[str, tuple[str, ...]] = Field(
        default={
            "critical": ("sev1", "severity:critical", "critical", "P1"),
            "high": ("sev2", "severity:high", "high", "P2"),
            "medium": ("sev3", "severity:medium", "medium", "P3"),
            "low": ("sev4", "severity:low", "low", "P4"),
        },
        description="Labels of each severity, worst first.",
    )
    external_labels: tuple[str, ...] = Field(("external",), description="Incidents that no deployment of ours made.")

    @field_validator("timezone")
    @classmethod
    def zone_exists(cls, name: str) -> str:
        return known_zone(name)


class QualitySettings(Section):
    """Where coverage of tests comes from, and how lines are counted."""

    artifacts: tuple[str, ...] = Field(("coverage*",), description="Names of workflow artifacts that hold reports.")
    report_files: tuple[str, ...] = Field(
        ("coverage*.xml", "cobertura*.xml", "*.lcov", "lcov*.info"), description="Names of the reports in them."
    )
    artifacts_per_run: int = Field(20, ge=0, description="Artifacts that are downloaded at most, of each repository.")
    folder: PolicyPath | None = Field(
        None, description="Folder of dropped reports; coverage under ROOSEVELT_HOME if unset."
    )
    checkouts: dict[str, PolicyPath] = Field(
        {}, description="Name of a repository = a checkout of it to count lines in."
    )
    codecov_url: str = Field("https://api.codecov.io", description="Base address of Codecov's API.")
    request_timeout_seconds: float = Field(60, gt=0)

    @field_validator("codecov_url")
    @classmethod
    def token_travels_encrypted(cls, address: str) -> str:
        if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("must begin with https://, because the token travels there")
        return address


class PrivacySettings(Section):
    """How long what is about persons is kept, how few a figure may speak of, and what it is held against before."""

    minimum_contributors: int = Field(3, ge=3, le=9, description="Persons in a figure about a group's work.")
    minimum_respondents: int = Field(5, ge=5, le=9, description="Persons in a figure of surveys or calendars.")
    keep_days: int = Field(
        90, ge=35, le=3650, description="Events, answers and measures of persons are deleted so many days after."
    )
    compared_weeks: int = Field(
        4, ge=0, le=13, description="Weeks around it that a small group's figure is held against."
    )
    compared_quarters: int = Field(4, ge=0, le=8, description="Quarters around it, for a survey's.")


class AnalyticsSettings(Section):
    """What the search for anomalies has to be told."""

    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="Whose public holidays count where a team names none (ISO 3166)."
    )


class ServeSettings(Section):
    """Where `roosevelt serve` listens: webhooks, and whatever else is asked of us over HTTP."""

    host: str = Field("127.0.0.1", description="Loopback, so that only a reverse proxy on this machine reaches it.")
    port: int = Field(3100, ge=0, le=65535, description="0 takes a free one.")


class WebhookSettings(Section):
    """The fast lane: what GitHub tells of its own accord."""

    inbox: Literal["table", "folder"] = Field("table", description="Who fills the inbox: `roosevelt serve`, or files.")
    folder: InboxPath | None = Field(
        None, description="Folder of files to take in; inbox under ROOSEVELT_HOME if unset."
    )
    keep_files: bool = Field(False, description="Keep files that were taken in. They hold personal data.")
    keep_days: int = Field(14, ge=1, description="Settled deliveries are cleared away after so many days.")
    attempts: int = Field(8, ge=1, description="A delivery that cannot be followed so many times is given up.")


class ImportSettings(Section):
    """What the files of one kind look like. Where nothing is declared, columns carry our own names."""

    fields: ClassVar[tuple[str, ...]]
    kind: ClassVar[str]

    columns: dict[str, str] = Field({}, description="Our name of a column = the file's; dots reach into JSON.")
    defaults: dict[str, str] = Field({}, description="What holds where a column is missing or a cell empty.")
    timezone: str | None = Field(None, description="Zone of times that name none; without it they are refused.")
    delimiter: Literal[",", ";", "\t"] | None = Field(None, description="Of CSV; found in the header if unset.")

    @field_validator("timezone")
    @classmethod
    def zone_exists(cls, name: str | None) -> str | None:
        return name if name is None else known_zone(name)

    @field_validator("columns", "defaults")
    @classmethod
    def fields_exist(cls, named: dict[str, str]) -> dict[str, str]:
        for name in named:
            if name not in cls.fields:
                raise ValueError(f"no column {name!r}{suggestion(name, cls.fields)}")
        return named

    def meanings(self, field: str) -> Mapping[str, str]:
        """What the file's words for a field mean, as declared."""
        return getattr(self, _PLURALS.get(field, ""), {})

    def place(self, field: str) -> str:
        """Where a key of this section stands."""
        return f"imports.{self.kind}.{_PLURALS.get(field, field)}"


class DeploymentImport(ImportSettings):
    """Files of deployments."""

    kind: ClassVar[str] = "deployments"
    fields: ClassVar[tuple[str, ...]] = (
        "service", "repository", "environment", "id", "attempt", "sha", "status", "started_at", "finished_at", "url",
    )  # fmt: skip

    statuses: dict[str, AttemptStatus] = Field({}, description="What the file's words for a status mean.")


class IncidentImport(ImportSettings):
    """Files of incidents."""

    kind: ClassVar[str] = "incidents"
    fields: ClassVar[tuple[str, ...]] = (
        "service", "repository", "id", "title", "severity", "status", "opened_at", "acknowledged_at", "resolved_at",
        "reopened_count", "external", "deployment_id", "sha", "pull_request", "url",
    )  # fmt: skip

    statuses: dict[str, IncidentStatus] = Field({}, description="What the file's words for a status mean.")
    severities: dict[str, str] = Field({}, description="What its words for a severity mean; then the labels' meanings.")


class SurveyImport(ImportSettings):
    """Files of answers, with the question's own words as columns where a form wrote them."""

    kind: ClassVar[str] = "surveys"
    fields: ClassVar[tuple[str, ...]] = (
        "respondent", "answered_at", "quarter", "nps_score", "satisfaction_score", "feedback", "invited_at",
    )  # fmt: skip

    dates: Literal["iso", "day-month-year", "month-day-year"] = Field(
        "iso", description="How days are written that do not begin with the year."
    )


class SurveyFormat(SurveyImport):
    """Files of answers of one program, told by their names. The first format that matches holds."""

    files: tuple[str, ...] = Field(description="Patterns of names of files in the inbox.")


Imported = TypeVar("Imported", bound=ImportSettings)


class ImportsSettings(Section):
    """Files that `roosevelt import` reads."""

    deployments: DeploymentImport = DeploymentImport()
    incidents: IncidentImport = IncidentImport()
    surveys: SurveyImport = SurveyImport()


class PagerDutySettings(Section):
    """Incidents from PagerDuty, read where PAGERDUTY_TOKEN is set."""

    api_url: str = Field("https://api.pagerduty.com", description="Base address; api.eu.pagerduty.com for the EU.")
    read_since: date | None = Field(None, description="Incidents before this day are not read; all of them if unset.")
    services: dict[str, str] = Field({}, description="Id or name of PagerDuty's service = name of ours.")
    severities: dict[str, str] = Field({}, description="Name of a priority, or an urgency = our severity.")
    request_timeout_seconds: int = Field(30, ge=1)

    @field_validator("api_url")
    @classmethod
    def token_travels_encrypted(cls, address: str) -> str:
        if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("must begin with https://, because the token travels there")
        return address


class PeopleSettings(Section):
    """Who there is, for what is about persons: identities, consent, working hours."""

    directory: PolicyPath | None = Field(None, description="CSV or TOML file of people, outside of the repository.")
    columns: dict[str, str] = Field({}, description="Our name of a column = the file's.")
    text_version: str = Field("1", min_length=1, max_length=40, description="Of the text that people agree to.")
    timezone: str | None = Field(None, description="Zone of people whose row names none; metrics.timezone if unset.")
    workday_start: time = Field(time(9), description="When the day begins of people whose row does not say.")
    workday_end: time = time(17)
    working_days: tuple[int, ...] = Field((1, 2, 3, 4, 5), min_length=1, description="Their days; 1 is Monday.")

    @field_validator("timezone")
    @classmethod
    def zone_exists(cls, name: str | None) -> str | None:
        return name if name is None else known_zone(name)

    @model_validator(mode="after")
    def days_can_be_worked(self) -> "PeopleSettings":
        if self.workday_end <= self.workday_start:
            raise ValueError("workday_end must be after workday_start")
        if not set(self.working_days) <= set(range(1, 8)):
            raise ValueError("working_days are numbers from 1 (Monday) to 7")
        return self


class CalendarSettings(Section):
    """Calendars of those who take part in SPACE, read where a key for Google is set or the directory names a feed."""

    google_api_url: str = Field("https://www.googleapis.com", description="Base address of Google's APIs.")
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="Where a refresh token is used.")
    google_delegation: bool = Field(
        True, description="The service account reads in each person's name; else calendars are shared with it."
    )
    weeks_back: int = Field(13, ge=1, le=520, description="How far back a calendar is read that is new to us.")
    weeks_ahead: int = Field(8, ge=4, le=104, description="How far ahead what recurs is laid out.")
    workers: int = Field(4, ge=1, le=16, description="Calendars that are read at once.")
    retries: int = Field(5, ge=0, le=8, description="Of a request, each pause up to twice as long as the one before.")
    request_timeout_seconds: int = Field(30, ge=1)
    feed_most_megabytes: int = Field(20, ge=1, le=500, description="A larger iCalendar feed is refused.")

    @field_validator("google_api_url", "google_token_url")
    @classmethod
    def token_travels_encrypted(cls, address: str) -> str:
        if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("must begin with https://, because the token travels there")
        return address


class FormQuestions(Section):
    """Which question of a Google form is which, by the id that its API gives it."""

    nps_score: str
    satisfaction_score: str
    feedback: str | None = None


class SurveySettings(Section):
    """The quarterly survey: who is asked how, and where answers come in."""

    channel: Literal["slack", "email"] | None = Field(None, description="How people are asked; nobody is if unset.")
    address: str | None = Field(None, description="Where people reach `roosevelt serve`, as https://surveys.acme.org.")
    form_url: str | None = Field(None, description="Form of another system that invitations name instead of ours.")
    name: str = Field("quarterly", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="Keeps surveys apart.")
    first_day: int = Field(1, ge=1, le=62, description="Day of the quarter on which its survey opens.")
    open_days: int = Field(21, ge=2, le=28, description="Days in which answers are taken.")
    reminder_after_days: int = Field(7, ge=1, le=27, description="Days after the invitation.")
    feedback_days: int = Field(90, ge=1, le=3650, description="Written feedback is deleted after so many days.")
    inbox: InboxPath | None = Field(
        None, description="Folder of files to take in; surveys under ROOSEVELT_HOME if unset."
    )
    keep_files_days: int = Field(7, ge=0, description="Files that were taken in are deleted after so many days.")
    formats: tuple[SurveyFormat, ...] = Field((), description="What files of other programs look like.")
    sender: str | None = Field(None, description="Address that e-mail comes from.")
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65535, description="587 turns TLS on after the greeting, 465 before it.")
    smtp_ca_file: PolicyPath | None = Field(None, description="Certificate of the authority that vouches for it.")
    slack_api_url: str = Field("https://slack.com/api/", description="Base address of Slack's Web API.")
    google_form: str | None = Field(None, description="Id of a Google form whose responses are read.")
    google_questions: FormQuestions | None = None
    google_api_url: str = Field("https://forms.googleapis.com/", description="Base address of Google's Forms API.")
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="Where a refresh token is used.")

    @property
    def is_served(self) -> bool:
        """Whether `roosevelt serve` shows the form. It does for an address, though nobody may be sent there yet."""
        return self.address is not None

    @field_validator("address", "form_url", "slack_api_url", "google_api_url", "google_token_url")
    @classmethod
    def travels_encrypted(cls, address: str | None) -> str | None:
        if address is not None and not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("must begin with https://, because tokens and answers travel there")
        return address

    @model_validator(mode="after")
    def parts_fit_together(self) -> "SurveySettings":
        if self.reminder_after_days >= self.open_days:
            raise ValueError("reminder_after_days must be less than open_days, or nobody is reminded in time")
        if self.channel and not (self.address or self.form_url):
            raise ValueError("channel is set, but neither address nor form_url: invitations would have no link")
        if self.channel == "email" and not (self.sender and self.smtp_host):
            raise ValueError('channel is "email", which needs sender and smtp_host')
        if bool(self.google_form) != bool(self.google_questions):
            raise ValueError("google_form and google_questions go together")
        return self


class SandboxSettings(Section):
    """The simulated company that stands in for GitHub in the demo."""

    seed: int = 1901
    days: int = Field(200, ge=14)
    scale: float = Field(1.0, gt=0)
    bad_week: bool = Field(False, description="In the last week of these days what is deployed breaks.")


class Settings(BaseSettings):
    """roosevelt.toml and the environment, read once.

    Environment names are ``ROOSEVELT_<SECTION>__<FIELD>``, and for secrets the names that
    people already have: ``DATABASE_URL``, ``GITHUB_TOKEN``, ``GITHUB_WEBHOOK_SECRET``, ``SLACK_WEBHOOK``.
    An empty one is as good as none.
    """

    model_config = SettingsConfigDict(
        env_prefix="ROOSEVELT_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True,
        populate_by_name=True,
    )  # fmt: skip

    github: GitHubSettings = GitHubSettings()
    bots: BotSettings = BotSettings()
    deployments: tuple[DeploymentRule, ...] = (DeploymentRule(),)
    services: tuple[ServiceSettings, ...] = ()
    teams: tuple[TeamSettings, ...] = ()
    metrics: MetricSettings = MetricSettings()
    privacy: PrivacySettings = PrivacySettings()
    quality: QualitySettings = QualitySettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    alerts: AlertSettings = AlertSettings()
    serve: ServeSettings = ServeSettings()
    webhooks: WebhookSettings = WebhookSettings()

    imports: ImportsSettings = ImportsSettings()
    pagerduty: PagerDutySettings = PagerDutySettings()
    people: PeopleSettings = PeopleSettings()
    calendars: CalendarSettings = CalendarSettings()
    surveys: SurveySettings = SurveySettings()
    sandbox: SandboxSettings | None = Field(None, description="Present only in the demo's own policy.")

    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    github_token: SecretStr | None = Field(None, validation_alias="GITHUB_TOKEN")
    github_app_id: str | None = Field(None, validation_alias="GITHUB_APP_ID")
    github_app_private_key: SecretStr | None = Field(None, validation_alias="GITHUB_APP_PRIVATE_KEY")
    github_app_private_key_file: Path | None = Field(None, validation_alias="GITHUB_APP_PRIVATE_KEY_FILE")
    github_app_installation_id: int | None = Field(None, validation_alias="GITHUB_APP_INSTALLATION_ID")
    pagerduty_token: SecretStr | None = Field(None, validation_alias="PAGERDUTY_TOKEN")
    codecov_token: SecretStr | None = Field(None, validation_alias="CODECOV_TOKEN")
    google_calendar_client_id: SecretStr | None = Field(None, validation_alias="GOOGLE_CALENDAR_CLIENT_ID")
    google_calendar_client_secret: SecretStr | None = Field(None, validation_alias="GOOGLE_CALENDAR_CLIENT_SECRET")
    google_calendar_refresh_token: SecretStr | None = Field(None, validation_alias="GOOGLE_CALENDAR_REFRESH_TOKEN")
    google_calendar_service_account_file: Path | None = Field(
        None, validation_alias="GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE"
    )
    slack_webhook: SecretStr | None = Field(None, validation_alias="SLACK_WEBHOOK")
    pagerduty_routing_key: SecretStr | None = Field(None, validation_alias="PAGERDUTY_ROUTING_KEY")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    pagerduty_webhook_secret: SecretStr | None = Field(None, validation_alias="PAGERDUTY_WEBHOOK_SECRET")
    alert_webhook: SecretStr | None = Field(None, validation_alias="ALERT_WEBHOOK")
    alert_webhook_secret: SecretStr | None = Field(None, validation_alias="ALERT_WEBHOOK_SECRET")
    github_webhook_secret: SecretStr | None = Field(None, validation_alias="GITHUB_WEBHOOK_SECRET")
    github_webhook_secret_previous: SecretStr | None = Field(None, validation_alias="GITHUB_WEBHOOK_SECRET_PREVIOUS")
    identity_key: SecretStr | None = Field(None, description="Hex key of the identity vault; made if unset.")
    survey_key: SecretStr | None = Field(None, description="Hex key of survey links and texts; made if unset.")
    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    smtp_user: str | None = Field(None, validation_alias="SMTP_USER")
    smtp_password: SecretStr | None = Field(None, validation_alias="SMTP_PASSWORD")
    google_forms_service_account_file: Path | None = Field(None, validation_alias="GOOGLE_FORMS_SERVICE_ACCOUNT_FILE")
    google_forms_client_id: str | None = Field(None, validation_alias="GOOGLE_FORMS_CLIENT_ID")
    google_forms_client_secret: SecretStr | None = Field(None, validation_alias="GOOGLE_FORMS_CLIENT_SECRET")
    google_forms_refresh_token: SecretStr | None = Field(None, validation_alias="GOOGLE_FORMS_REFRESH_TOKEN")

    @field_validator(
        "github_app_id", "github_app_private_key_file", "github_app_installation_id",
        "google_calendar_service_account_file", "google_forms_service_account_file", mode="before",
    )  # fmt: skip
    @classmethod
    def empty_is_unset(cls, value: Any) -> Any:
        return (value.strip() or None) if isinstance(value, str) else value

    @model_validator(mode="after")
    def names_are_used_once(self) -> "Settings":
        for kind, names in (("services", self.services), ("teams", self.teams)):
            seen = [thing.name for thing in names]
            for name in seen:
                if seen.count(name) > 1:
                    raise ValueError(f"{kind}: {name!r} is declared {seen.count(name)} times; keep one")
        return self

    @model_validator(mode="after")
    def severities_exist(self) -> "Settings":
        known = self.metrics.severity_labels
        for severity in self.imports.incidents.severities.values():
            if severity not in known:
                raise ValueError(f"imports.incidents.severities: no severity {severity!r}{suggestion(severity, known)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    def deployment_rule(self, repository: str) -> DeploymentRule | None:
        """The rule that says how deployments of a repository are recognised: the first that matches its name."""
        return next((rule for rule in self.deployments if matches_any(repository, rule.repositories)), None)

    def zone_of(self, team: str) -> str:
        """The zone that a team's days are counted in."""
        return next((one.timezone for one in self.teams if one.name == team and one.timezone), self.metrics.timezone)

    @cached_property
    def is_demo(self) -> bool:
        return self.sandbox is not None

    @property
    def webhook_secrets(self) -> list[bytes]:
        """The secrets that may have signed a delivery: the present one and, while it is changed, the one before."""
        given = (self.github_webhook_secret, self.github_webhook_secret_previous)
        return [secret.get_secret_value().encode() for secret in given if secret and secret.get_secret_value().strip()]

    @property
    def serves(self) -> bool:
        """Whether there is anything for `roosevelt serve` to do."""
        return (
            (bool(self.webhook_secrets) and self.webhooks.inbox == "table")
            or self.surveys.is_served
            or (self.alerts.address is not None)
            or self.takes_buttons
        )

    @property
    def takes_buttons(self) -> bool:
        """Whether `roosevelt serve` hears of buttons that are pressed in Slack, or of PagerDuty's incidents."""
        return is_given(self.slack_signing_secret) or is_given(self.pagerduty_webhook_secret)

    @property
    def takes_webhooks(self) -> bool:
        return self.webhooks.inbox == "folder" or bool(self.webhook_secrets)


def is_given(secret: SecretStr | None) -> bool:
    """Whether it has a value: a name without one, as .env.example has them, is no secret."""
    return secret is not None and bool(secret.get_secret_value().strip())


def home() -> Path:
    """The folder of everything that Roosevelt keeps on this machine (``ROOSEVELT_HOME``)."""
    return Path(os.environ.get("ROOSEVELT_HOME") or PROJECT_ROOT / ".roosevelt").expanduser().resolve()


def demo_files() -> Path:
    """Where the simulated company hands out its files. Nothing of one's own organisation is read from there."""
    return home() / "demo-files"


def settings_file() -> Path:
    """The policy in use: ``ROOSEVELT_CONFIG``, else ``roosevelt.toml`` of the project."""
    return Path(os.environ.get("ROOSEVELT_CONFIG") or PROJECT_ROOT / "roosevelt.toml").expanduser().resolve()


def load_settings(path: Path | None = None) -> Settings:
    """Read the policy and the environment.

    Raises:
        SettingsError: the file cannot be read, or a key or value in it or in the
            environment is wrong; every fault is named, with the nearest known key.
    """
    path = path or settings_file()
    try:
        policy = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"{path}: no such file; copy roosevelt.toml from the project, or set ROOSEVELT_CONFIG"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    _reject_secrets(path, policy)
    before = _policy_folder.set(path.expanduser().resolve().parent)
    try:
        return Settings(**policy)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(path, fault) for fault in error.errors())) from None
    finally:
        _policy_folder.reset(before)


def import_settings(kind: type[Imported], path: Path) -> Imported:
    """A mapping in a file of its own, with the keys of its section of roosevelt.toml.

    Raises:
        SettingsError: the file cannot be read, or a key or value in it is wrong.
    """
    try:
        return kind(**tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(path, fault, kind) for fault in error.errors())) from None


def last_complete_day(today: date) -> date:
    """The newest day that has ended, for runs that name no day."""
    return today - timedelta(days=1)


def known_zone(name: str) -> str:
    """Check that an IANA time zone exists.

    Raises:
        ValueError: there is no such zone; the nearest names are suggested.
    """
    if name not in _zones():
        raise ValueError(f"no time zone {name!r}{suggestion(name, _zones())}")
    ZoneInfo(name)
    return name


@cache
def _zones() -> frozenset[str]:
    """Looked for once: finding them takes milliseconds, and a directory names one in each row."""
    return frozenset(available_timezones())


_PLURALS = {"status": "statuses", "severity": "severities"}

# What comes from the environment alone, by the names that people already have.
SECRETS = {
    "database_url": "DATABASE_URL",
    "github_token": "GITHUB_TOKEN",
    "github_app_id": "GITHUB_APP_ID",
    "github_app_private_key": "GITHUB_APP_PRIVATE_KEY",
    "github_app_private_key_file": "GITHUB_APP_PRIVATE_KEY_FILE",
    "github_app_installation_id": "GITHUB_APP_INSTALLATION_ID",
    "github_webhook_secret": "GITHUB_WEBHOOK_SECRET",
    "github_webhook_secret_previous": "GITHUB_WEBHOOK_SECRET_PREVIOUS",
    "pagerduty_token": "PAGERDUTY_TOKEN",
    "codecov_token": "CODECOV_TOKEN",
    "google_calendar_client_id": "GOOGLE_CALENDAR_CLIENT_ID",
    "google_calendar_client_secret": "GOOGLE_CALENDAR_CLIENT_SECRET",
    "google_calendar_refresh_token": "GOOGLE_CALENDAR_REFRESH_TOKEN",
    "google_calendar_service_account_file": "GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE",
    "slack_webhook": "SLACK_WEBHOOK",
    "pagerduty_routing_key": "PAGERDUTY_ROUTING_KEY",
    "slack_signing_secret": "SLACK_SIGNING_SECRET",
    "pagerduty_webhook_secret": "PAGERDUTY_WEBHOOK_SECRET",
    "alert_webhook": "ALERT_WEBHOOK",
    "alert_webhook_secret": "ALERT_WEBHOOK_SECRET",
    "identity_key": "ROOSEVELT_IDENTITY_KEY",
    "survey_key": "ROOSEVELT_SURVEY_KEY",
    "slack_bot_token": "SLACK_BOT_TOKEN",
    "smtp_user": "SMTP_USER",
    "smtp_password": "SMTP_PASSWORD",
    "google_forms_service_account_file": "GOOGLE_FORMS_SERVICE_ACCOUNT_FILE",
    "google_forms_client_id": "GOOGLE_FORMS_CLIENT_ID",
    "google_forms_client_secret": "GOOGLE_FORMS_CLIENT_SECRET",
    "google_forms_refresh_token": "GOOGLE_FORMS_REFRESH_TOKEN",
}


def _reject_secrets(path: Path, policy: dict[str, Any]) -> None:
    for key in policy:
        if key.lower() in SECRETS:
            raise SettingsError(
                f"{path}: {key} is a secret and does not belong here; set {SECRETS[key.lower()]} in .env"
            )


def _explain(path: Path, fault: Any, root: Any = None) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = _known_keys(fault["loc"][:-1], root or Settings)
        return f"{path}: unknown key {where}{suggestion(str(fault['loc'][-1]), known)}"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{path}: {where}: {message}" if where else f"{path}: {message}"


def _known_keys(location: tuple[int | str, ...], model: Any) -> list[str]:
    for part in location:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        arguments = [a for a in getattr(annotation, "__args__", ()) if isinstance(a, type) and issubclass(a, BaseModel)]
        model = arguments[0] if arguments else annotation
    return [name for name in model.model_fields if name not in SECRETS]
