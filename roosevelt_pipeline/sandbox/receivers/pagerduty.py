"""PagerDuty's events, version 2: what it takes, and what becomes of its incidents."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals

_SUMMARY, _KEY = 1024, 255
_STATES = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}


async def take_event(arrivals: Arrivals, request: Request) -> Response:
    """``POST /v2/enqueue``."""
    if (trouble := arrivals.trouble("pagerduty")) is not None:
        return PlainTextResponse("trouble", trouble, {"Retry-After": "1"} if trouble == 429 else {})
    try:
        body = await request.json()
    except ValueError:
        body = None
    faults = pagerduty_faults(body) if isinstance(body, dict) else ["no JSON object"]
    if faults or not isinstance(body, dict):
        arrivals.keep("pagerduty", 400, "; ".join(faults))
        return JSONResponse({"status": "invalid event", "message": "Event object is invalid", "errors": faults}, 400)
    key = body.get("dedup_key") or f"made-{len(arrivals.incidents)}"
    arrivals.incidents[key] = _STATES[body["event_action"]]
    summary = (body.get("payload") or {}).get("summary", "")
    arrivals.keep("pagerduty", 202, f"{body['event_action']} {key}: {summary}", body | {"dedup_key": key})
    return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def pagerduty_faults(body: dict[str, Any]) -> list[str]:
    """Why PagerDuty would not take an event."""
    faults = []
    if not body.get("routing_key"):
        faults.append("'routing_key' is missing or blank")
    if body.get("event_action") not in _STATES:
        faults.append("'event_action' is invalid")
    if len(body.get("dedup_key") or "") > _KEY:
        faults.append("'dedup_key' is too long")
    payload = body.get("payload") or {}
    if body.get("event_action") == "trigger":
        faults += [f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not payload.get(name)]
        if payload.get("severity") not in ("critical", "error", "warning", "info"):
            faults.append("'payload.severity' is invalid")
    if len(payload.get("summary") or "") > _SUMMARY:
        faults.append("'payload.summary' is too long")
    return faults
