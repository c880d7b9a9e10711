"""PagerDuty's REST API v2, as far as incidents go: its shapes, its limits, its refusals.

People stand in its answers wherever they do in PagerDuty's, so that a test can look for them elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.loopback import served_routes

TOKEN = "pagerduty-sandbox-token"  # noqa: S105
SIX_MONTHS = timedelta(days=184)
PERSON = {
    "id": "PADA001",
    "type": "user_reference",
    "summary": "Ada Lovelace",
    "html_url": "https://acme.test/users/PADA001",
}
Node = dict[str, Any]


@dataclass
class PagerDuty:
    """An account: what it holds, and how it behaves.

    Attributes:
        now: its present, as the Date header tells it.
        refusals: statuses with which the next requests are answered, in order.
        requests: paths with queries that were asked for.
    """

    now: datetime
    incidents: dict[str, Node] = field(default_factory=dict)
    log_entries: dict[str, list[Node]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    refusals: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def trigger(self, key: str, at: datetime, *, service: str = "PWEB001", **fields: Any) -> None:
        """An incident begins. ``fields`` replace those of its body."""
        name = self.services.setdefault(service, "Shop")
        self.incidents[key] = {
            "id": key,
            "type": "incident",
            "incident_number": len(self.incidents) + 1,
            "title": f"Incident {key}",
            "summary": f"[#{len(self.incidents) + 1}] Incident {key}",
            "description": "Ada Lovelace says that it burns",
            "created_at": _iso(at),
            "updated_at": _iso(at),
            "status": "triggered",
            "urgency": "high",
            "priority": None,
            "resolve_reason": None,
            "resolved_at": None,
            "service": {"id": service, "type": "service_reference", "summary": name},
            "assignments": [{"at": _iso(at), "assignee": PERSON}],
            "acknowledgements": [],
            "last_status_change_at": _iso(at),
            "last_status_change_by": PERSON,
            "html_url": f"https://acme.pagerduty.test/incidents/{key}",
        } | fields
        self.log_entries[key] = []
        self._log(key, "trigger", at)
        self._log(key, "notify", at + timedelta(seconds=1))

    def step(self, key: str, kind: str, at: datetime, **fields: Any) -> None:
        """Something happens to it: ``acknowledge``, ``resolve``, ``reopen``, ``annotate``."""
        status = {"acknowledge": "acknowledged", "resolve": "resolved", "reopen": "triggered"}.get(kind)
        changes: Node = {"updated_at": _iso(at)}
        if status:
            changes |= {"status": status, "last_status_change_at": _iso(at), "last_status_change_by": PERSON}
            changes["resolved_at"] = _iso(at) if kind == "resolve" else None
        self.incidents[key] |= changes | fields
        self._log(key, kind, at)

    def merge(self, key: str, into: str, at: datetime) -> None:
        """It is merged into another, which resolves it."""
        reason = {"type": "merge_resolve_reason", "incident": {"id": into, "type": "incident_reference"}}
        self.step(key, "resolve", at, resolve_reason=reason)

    def delete(self, key: str) -> None:
        del self.incidents[key], self.log_entries[key]

    def _log(self, key: str, kind: str, at: datetime) -> None:
        entry = {"id": f"R{key}{len(self.log_entries[key])}", "type": f"{kind}_log_entry", "created_at": _iso(at),
                 "summary": f"{kind} by Ada Lovelace", "agent": PERSON, "channel": {"type": "web_ui"},
                 "incident": {"id": key, "type": "incident_reference"}}  # fmt: skip
        self.log_entries[key].append(entry)


@contextmanager
def served(account: PagerDuty) -> Iterator[str]:
    """Serve an account on loopback from a thread; its address."""
    with served_routes([Route("/{path:path}", _door(account), methods=["GET"])], "pagerduty") as address:
        yield address


def _door(account: PagerDuty) -> Any:
    async def answer(request: Request) -> Response:
        account.requests.append(f"{request.url.path}?{request.url.query}")
        status, body = _answer(account, request)
        headers = {"date": format_datetime(account.now.astimezone(UTC), usegmt=True)}
        if status == 429:
            headers |= {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "42"}
        return JSONResponse(body, status, headers)

    return answer


def _answer(account: PagerDuty, request: Request) -> tuple[int, Node]:
    if request.headers.get("authorization") != f"Token token={TOKEN}":
        return _error(401, "Unauthorized", [])
    if account.refusals:
        return _error(account.refusals.pop(0), "Refused", [])
    match request.url.path.strip("/").split("/"):
        case ["incidents"]:
            return _incidents(account, request)
        case ["incidents", key] if key in account.incidents:
            return 200, {"incident": account.incidents[key]}
        case ["incidents", key, "log_entries"] if key in account.incidents:
            newest_first = sorted(account.log_entries[key], key=lambda entry: entry["created_at"], reverse=True)
            return _page("log_entries", newest_first, request)
        case ["services"]:
            return _page("services", [{"id": key, "name": name} for key, name in account.services.items()], request)
    return _error(404, "Not Found", [])


def _incidents(account: PagerDuty, request: Request) -> tuple[int, Node]:
    until = _moment(request, "until") or account.now
    since = _moment(request, "since") or until - timedelta(days=30)
    if until - since > SIX_MONTHS:
        return _error(400, "Invalid Input Provided", ["The time range may not be more than 6 months."])
    chosen = [one for one in account.incidents.values() if since <= datetime.fromisoformat(one["created_at"]) < until]
    is_ascending = request.query_params.get("sort_by") == "created_at:asc"
    chosen.sort(key=lambda one: (one["created_at"], one["incident_number"]), reverse=not is_ascending)
    return _page("incidents", chosen, request)


def _page(name: str, nodes: list[Node], request: Request) -> tuple[int, Node]:
    limit = min(int(request.query_params.get("limit", 25)), 100)
    offset = int(request.query_params.get("offset", 0))
    if offset + limit > 10_000:
        return _error(400, "Invalid Input Provided", ["Offset must be less than 10000."])
    more = len(nodes) > offset + limit
    return 200, {name: nodes[offset : offset + limit], "limit": limit, "offset": offset, "more": more, "total": None}


def _error(status: int, message: str, errors: list[str]) -> tuple[int, Node]:
    return status, {"error": {"message": message, "code": 2000 + status, "errors": errors}}


def _moment(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    return datetime.fromisoformat(value) if value else None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
