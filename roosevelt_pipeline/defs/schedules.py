"""When runs start by the clock."""

from datetime import UTC, date

import dagster as dg

from roosevelt_pipeline.defs.jobs import run_config
from roosevelt_pipeline.settings import last_complete_day


@dg.schedule(
    job_name="daily",
    cron_schedule="0 1 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="01:00 UTC, as of the day that has just ended.",
)
def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    today = _day(context)
    return dg.RunRequest(run_key=today.isoformat(), run_config=run_config(last_complete_day(today)))


@dg.schedule(
    job_name="weekly",
    cron_schedule="0 2 * * 1",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Mondays, 02:00 UTC.",
)
def weekly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    return dg.RunRequest(run_key=_day(context).isoformat())


@dg.schedule(
    job_name="publish",
    cron_schedule="0 2 * * 2",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Tuesdays, 02:00 UTC, when the week has ended everywhere.",
)
def publish(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    return dg.RunRequest(run_key=_day(context).isoformat())


@dg.schedule(
    job_name="alerts",
    cron_schedule="0 9 * * 1-5",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Workdays, 09:00 UTC.",
)
def alerts(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    return dg.RunRequest(run_key=_day(context).isoformat())


def _day(context: dg.ScheduleEvaluationContext) -> date:
    """The day that a tick is for, however late it is evaluated: its run is made once."""
    return context.scheduled_execution_time.astimezone(UTC).date()
