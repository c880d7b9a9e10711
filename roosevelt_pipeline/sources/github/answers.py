"""What an answer of GitHub means: a result, a limit to wait for, a page too heavy, or an error. Pure.

GitHub says most of it in several ways: limits come as 403, 429 or 200, time-outs as 502,
504 or 200 with half the data. The order of the questions matters.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from roosevelt_pipeline.governor import SHORTEST_HOLD_SECONDS, USED_UP, Hold, Resource, Told
from roosevelt_pipeline.sources.github.errors import GitHubError, NotFoundError, PermissionMissingError, TokenError

LONGEST_TOLD_SECONDS = 7 * 24 * 3600  # beyond it a header is nonsense, and nobody waits so long
_INVALID_TOKEN = "the token is expired, revoked or mistyped; make a new one and set GITHUB_TOKEN in .env"  # noqa: S105
_SINGLE_SIGN_ON = "the organisation asks for single sign-on; authorise the token for it on GitHub"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer.

    Attributes:
        headers: names in lower case.
        document: the JSON body; ``None`` if it is none.
        observed_at: when GitHub answered, by GitHub's clock.
    """

    status: int
    headers: Mapping[str, str]
    document: Any = field(repr=False)
    observed_at: datetime

    @property
    def data(self) -> dict[str, Any]:
        """The data of a GraphQL answer."""
        return self.document.get("data") or {}

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of a GraphQL answer."""
        found = self.document.get("errors") if isinstance(self.document, dict) else None
        return [error for error in found or [] if isinstance(error, dict)]


@dataclass(frozen=True)
class Trouble:
    """Why an answer is no result.

    Attributes:
        kind: ``limit``: wait and ask again, it is nobody's fault. ``heavy``: ask for less.
            ``transient``: ask again. ``final``: asking again does not help.
        wait_seconds: how long GitHub asks us to wait; ``None`` if it does not say.
        error: what to raise when nothing helps.
        is_primary: the limit is the hourly budget of what was asked, and not one over all that we ask.
    """

    kind: Literal["limit", "heavy", "transient", "final"]
    message: str
    wait_seconds: float | None = None
    error: type[GitHubError] = GitHubError
    is_primary: bool = False


def read_answer(status: int, headers: Mapping[str, Any], body: str, now: datetime) -> Answer:
    """Parse an answer; ``now`` stands in where it has no usable date."""
    plain = {name.lower(): str(value) for name, value in headers.items()}
    try:
        document = json.loads(body) if body else None
    except (ValueError, RecursionError):  # the second: nested deeper than anything that GitHub says
        document = None
    return Answer(status, plain, document, _date(plain.get("date"), now))


def judge_graphql(answer: Answer, tolerated: frozenset[str] = frozenset()) -> Trouble | None:
    """What is wrong with a GraphQL answer; ``None`` if nothing is.

    Args:
        tolerated: types of errors that the caller reads itself, such as ``NOT_FOUND`` of single ids.
    """
    if answer.status in (502, 503, 504):
        return Trouble("heavy", f"GitHub answered {answer.status}")
    if answer.status != 200:
        return _judge_status(answer)
    if not isinstance(answer.document, dict) or not ("data" in answer.document or answer.errors):
        return Trouble("transient", "the answer is not GraphQL")
    errors = [error for error in answer.errors if error.get("type") not in tolerated and not _is_large_id(error)]
    if not errors:
        return None if answer.document.get("data") is not None else Trouble("transient", "the answer holds no data")
    return _judge_errors(answer, errors)


def _is_large_id(error: Mapping[str, Any]) -> bool:
    """A number that GraphQL's integers cannot hold; the node id beside it can."""
    return (error.get("path") or [None])[-1] == "databaseId"


def judge_rest(answer: Answer) -> Trouble | None:
    """What is wrong with a REST answer; ``None`` if nothing is."""
    if answer.status == 200:
        return None if answer.document is not None else Trouble("transient", "the answer is not JSON")
    return _judge_status(answer)


def _judge_errors(answer: Answer, errors: list[dict[str, Any]]) -> Trouble:
    kinds = {str(error.get("type")) for error in errors}
    text = " ".join(str(error.get("message", "")) for error in errors).lower()
    if "RATE_LIMITED" in kinds:
        wait = until_reset(answer) or SHORTEST_HOLD_SECONDS
        return Trouble("limit", USED_UP, wait, is_primary=True)
    if "secondary rate limit" in text:
        return Trouble("limit", "GitHub's secondary limit", _retry_after(answer))
    if "NOT_FOUND" in kinds:
        return Trouble("final", "not found, or the token may not see it", error=NotFoundError)
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"} or "resource not accessible" in text:
        return Trouble("final", "the token may not read it", error=PermissionMissingError)
    if kinds & _TOO_MUCH or any(sign in text for sign in _GAVE_UP) or any(error.get("path") for error in errors):
        return Trouble("heavy", "GitHub gave up on the query")
    return Trouble("final", f"GitHub refused the query ({', '.join(sorted(kinds))})")


_TOO_MUCH = {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "INTERNAL", "TIMEOUT"}
_GAVE_UP = ("something went wrong", "timeout", "timed out", "resource limits")  # errors that carry no type


def _judge_status(answer: Answer) -> Trouble:
    message = str(answer.document.get("message", "")).lower() if isinstance(answer.document, dict) else ""
    if answer.status == 401:
        return Trouble("final", _INVALID_TOKEN, error=TokenError)
    if answer.status in (403, 429):
        return _judge_refusal(answer, message)
    if answer.status in (404, 410, 451):
        return Trouble("final", "not found, or the token may not see it", error=NotFoundError)
    if answer.status >= 500 or answer.status == 408:
        return Trouble("transient", f"GitHub answered {answer.status}")
    return Trouble("final", f"GitHub answered {answer.status}")


def _judge_refusal(answer: Answer, message: str) -> Trouble:
    if (seconds := _retry_after(answer)) is not None:
        return Trouble("limit", "GitHub asks to wait", seconds)
    if answer.headers.get("x-ratelimit-remaining") == "0" and (seconds := until_reset(answer)) is not None:
        return Trouble("limit", USED_UP, seconds, is_primary=True)
    if message.startswith("api rate limit exceeded"):  # without a header that says until when
        return Trouble("limit", USED_UP, SHORTEST_HOLD_SECONDS, is_primary=True)
    if answer.status == 429 or "rate limit" in message or "abuse" in message:
        return Trouble("limit", "GitHub's secondary limit")
    if "x-github-sso" in answer.headers:
        return Trouble("final", _SINGLE_SIGN_ON, error=PermissionMissingError)
    return Trouble("final", "the token may not read it", error=PermissionMissingError)


def what_it_told(answer: Answer, resource: Resource, trouble: Trouble | None) -> Told:
    """What an answer says of the budget that it was taken from, and whether it asks for a pause."""
    remaining, quota = _number(answer, "x-ratelimit-remaining"), _number(answer, "x-ratelimit-limit")
    told = answer.headers.get("x-ratelimit-resource", resource) == resource
    cost = (answer.data.get("rateLimit") or {}).get("cost") if isinstance(answer.document, dict) else None
    return Told(
        remaining=remaining if told else None,
        quota=quota if told else None,
        reset_seconds=until_reset(answer) if told else None,
        billed=cost if isinstance(cost, int) and resource == "graphql" else None,
        hold=pause(trouble),
        answered=True,
    )


def pause(trouble: Trouble | None) -> Hold | None:
    """The pause that a limit asks for."""
    if trouble is None or trouble.kind != "limit":
        return None
    return Hold(trouble.message, trouble.wait_seconds, everything=not trouble.is_primary)


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "")
    if (seconds := _number(answer, "retry-after")) is not None:
        return float(min(seconds, LONGEST_TOLD_SECONDS))
    return max(0.0, (_date(value, answer.observed_at) - answer.observed_at).total_seconds()) if value else None


def until_reset(answer: Answer) -> float | None:
    """Seconds until the budget is full again, by GitHub's own clock, and one more."""
    reset = _number(answer, "x-ratelimit-reset")
    if reset is None:
        return None
    return min(max(0.0, reset - answer.observed_at.timestamp()), float(LONGEST_TOLD_SECONDS)) + 1


def _number(answer: Answer, header: str) -> int | None:
    value = answer.headers.get(header, "").strip()
    return int(value) if value.isascii() and value.isdecimal() else None


def _date(value: str | None, otherwise: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(value or "").astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return found if 2000 <= found.year < 9999 else otherwise  # there is always a day after it
