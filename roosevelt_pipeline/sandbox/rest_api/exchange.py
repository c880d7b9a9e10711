"""One REST request and its answer, without HTTP: what handlers take and give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from roosevelt_pipeline.sandbox.limits import Limits, RateLimiter
from roosevelt_pipeline.sandbox.records import Doc, Records
from roosevelt_pipeline.sandbox.tokens import Token

DOCUMENTATION = "https://docs.github.com/rest"


class RestError(Exception):
    """A refusal: status, message and headers as GitHub sends them."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> Doc:
        return {"message": str(self), "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> RestError:
    return RestError(404, "Not Found")


@dataclass
class Call:
    """A request that a handler answers.

    Attributes:
        base_url: address of the API's root as the client sees it, without a slash at its end.
        path: the path asked for, with the prefix, for links to other pages.
        parts: numbers and names from the path.
        token: its sender; already known to be valid.
    """

    base_url: str
    path: str
    query: Mapping[str, str]
    parts: Mapping[str, str]
    records: Records
    token: Token
    limiter: RateLimiter
    found: Doc | None = field(default=None)

    @property
    def limits(self) -> Limits:
        return self.limiter.limits

    @property
    def repository(self) -> Doc:
        """The repository that the path names; routes without one must not ask."""
        assert self.found is not None
        return self.found

    @cached_property
    def repository_url(self) -> str:
        return f"{self.base_url}/repos/{self.repository['owner']}/{self.repository['name']}"

    @cached_property
    def web_url(self) -> str:
        return f"https://github.com/{self.repository['owner']}/{self.repository['name']}"

    def number(self, name: str) -> int:
        """A number from the path."""
        return int(self.parts[name])

    def limit(self) -> int:
        """Objects a page: 30 unless asked otherwise, at most 100."""
        return min(100, max(1, _integer(self.query.get("per_page"), 30)))

    def page(self) -> int:
        return max(1, _integer(self.query.get("page"), 1))


@dataclass
class Reply:
    """What a handler answers with. ``links`` are the query parameters of neighbouring pages."""

    body: Any
    links: dict[str, dict[str, str]] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
