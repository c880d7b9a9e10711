"""Runs that somebody asked for in SQL: `select refresh_dora_summary();`."""

import dagster as dg

from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse

SECONDS_BETWEEN_LOOKS = 60
BUSY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def requested(job: str, function: str) -> dg.SensorDefinition:
    """A sensor that answers all open requests for a job with one run.

    The cursor holds the newest request that a run was asked for. Dagster keeps it only after the run is there, so only
    the next look marks requests as taken: whatever dies in between, no request is lost, and the run's key makes
    it one run.
    """

    @dg.sensor(
        name=f"requested_{job}",
        job_name=job,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Answers the open requests that {function}() left with one run. What is asked for while a run "
        "goes on waits for its end.",
    )
    def look(
        context: dg.SensorEvaluationContext, warehouse_unlocked: dg.ResourceParam[Warehouse]
    ) -> dg.SensorResult | dg.SkipReason:
        from roosevelt_pipeline.warehouse.run_requests import mark_taken, newest_open_request

        try:
            with warehouse_unlocked.connect(Role.ANALYTICS) as connection:
                if context.cursor:
                    mark_taken(connection, job, int(context.cursor))
                newest = newest_open_request(connection, job)
        except DatabaseError as error:
            return dg.SkipReason(str(error))
        if newest is None:
            return dg.SkipReason("nobody asked for a run")
        if context.instance.get_runs_count(dg.RunsFilter(job_name=job, statuses=BUSY)):
            return dg.SkipReason("a run is waiting or going on; what was asked for meanwhile waits for its end")
        request = dg.RunRequest(run_key=f"request-{newest}", tags={"roosevelt/request": str(newest)})
        return dg.SensorResult(run_requests=[request], cursor=str(newest))

    return look


requested_daily = requested("daily", "refresh_dora_summary")
requested_weekly = requested("weekly", "aggregate_space_metrics")
