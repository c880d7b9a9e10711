"""HTTP to one GitHub: sessions that are kept open, one per thread; a deadline over the whole answer; no other host.

PyGithub signs for us but does not carry: its requester lets an answer that drips in live for
ever, and drops the query of an address when it follows a redirect.
"""

import contextlib
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlparse

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from roosevelt_pipeline.sources.github.answers import Answer, read_answer
from roosevelt_pipeline.sources.github.errors import GitHubError

# GitHub has two formats of node ids; with the first header it always answers with the new one.
HEADERS = {
    "X-Github-Next-Global-ID": "1",
    "Accept": "application/vnd.github+json",
    "User-Agent": "roosevelt-pipeline",
}
MOVED = (301, 302, 307, 308)
LONGEST_WAY = 5  # redirects in a row
CONNECT_SECONDS = 10.0


class Wire:
    """Carries requests to one GitHub and to nobody else.

    Args:
        api_url: ``https://api.github.com``, ``https://<host>/api/v3`` or a server on this machine.
        timeout: seconds until a request that is not wholly answered has failed.
    """

    def __init__(self, api_url: str, timeout: float) -> None:
        self._base = _base(api_url)
        self._timeout = timeout
        self._local = threading.local()
        self.host = urlparse(self._base).netloc
        self.graphql_url = self._base.removesuffix("/v3") + "/graphql"

    def send(
        self,
        verb: str,
        address: str,
        authorization: str,
        parameters: Mapping[str, Any] | None = None,
        document: Any = None,
        *,
        follow: bool = True,
    ) -> tuple[Answer, int]:
        """Ask, and follow where the same server sends us.

        Args:
            address: below the base address, or whole, as a ``Link`` header names it.
            document: is sent as JSON.
            follow: else being sent elsewhere is an answer.

        Returns:
            the answer, and the size of its body in bytes.

        Raises:
            requests.RequestException: there was no whole answer in time.
            GitHubError: it would lead to another server.
        """
        url = self._whole(address)
        headers = HEADERS | {"Authorization": authorization}
        for _ in range(LONGEST_WAY + 1):
            response = self._in_time(verb, url, headers, parameters, document)
            location = response.headers.get("location")
            if response.status_code not in MOVED or not location or not follow:
                return _answer(response), len(response.content)
            url, parameters = _moved(response, location), None
            if (urlparse(url).scheme, urlparse(url).netloc) != (urlparse(self._base).scheme, self.host):
                raise GitHubError(f"{self.host} redirected to another server; check github.api_url")
        raise GitHubError(f"{self.host} redirects in a circle; check github.api_url")

    def _whole(self, address: str) -> str:
        """The address on our server, whatever scheme and port a proxy made of it."""
        if address.startswith("/"):
            return self._base + address
        named, ours = urlparse(address), urlparse(self._base)
        if named.hostname != ours.hostname:
            raise GitHubError(f"{self.host} named an address of another server; check github.api_url")
        return named._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()

    def _in_time(
        self, verb: str, url: str, headers: Mapping[str, str], parameters: Mapping[str, Any] | None, document: Any
    ) -> requests.Response:
        with _Deadline(self._timeout) as deadline:
            try:
                response = self._session().request(
                    verb, url, headers=dict(headers), params=_worded(parameters), json=document,
                    allow_redirects=False, timeout=(min(CONNECT_SECONDS, self._timeout), self._timeout),
                )  # fmt: skip
            except requests.RequestException:
                if deadline.passed:
                    raise requests.Timeout(f"no whole answer within {self._timeout:g} s") from None
                raise
            if deadline.passed:  # cut off where the end of the connection is the end of the answer
                raise requests.Timeout(f"no whole answer within {self._timeout:g} s")
            return response

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.auth = _as_it_is  # else a .netrc would replace our authorization
            for scheme in ("http://", "https://"):
                session.mount(scheme, _WatchedAdapter(pool_connections=1, pool_maxsize=1))
            self._local.session = session
        made: requests.Session = self._local.session
        return made


class _Deadline:
    """Cuts the connection of this thread's request when its time is over, however its bytes drip in."""

    current = threading.local()

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.passed = False
        self.wire: Any = None

    def __enter__(self) -> "_Deadline":
        self.current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self.current.deadline = None

    def _cut(self) -> None:
        self.passed = True
        wire = getattr(self.wire, "socket", self.wire)  # within a proxy's encryption there is one more layer
        if isinstance(wire, socket.socket):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)  # not SSLSocket's, which the reader still uses


class _Watched(HTTPConnection):
    """A connection that tells the deadline of its thread which socket to cut."""

    def request(self, *args: Any, **options: Any) -> None:
        super().request(*args, **options)
        if deadline := getattr(_Deadline.current, "deadline", None):
            deadline.wire = self.sock


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _worded(parameters: Mapping[str, Any] | None) -> dict[str, str]:
    """Query parameters as GitHub reads them: booleans in lower case."""
    given = {name: value for name, value in (parameters or {}).items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _answer(response: requests.Response) -> Answer:
    return read_answer(
        response.status_code, response.headers, response.content.decode(errors="replace"), datetime.now(UTC)
    )


def _moved(response: requests.Response, location: str) -> str:
    """Where the same question is answered; a location without a query keeps ours."""
    url, asked = urljoin(str(response.url), location), urlparse(str(response.url)).query
    return url if not asked or urlparse(url).query else f"{url}?{asked}"


def _base(api_url: str) -> str:
    address = urlparse(api_url.strip())
    if address.scheme not in ("http", "https") or not address.hostname:
        raise GitHubError(
            f"github.api_url is {api_url!r}; it reads https://api.github.com, or https://<host>/api/v3 for Enterprise"
        )
    if address.hostname in ("github.com", "www.github.com"):
        return "https://api.github.com"
    return api_url.strip().rstrip("/")
