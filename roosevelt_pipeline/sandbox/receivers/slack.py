"""Slack as far as alerts need it: an incoming webhook, and a bot's messages and files. As strict as the real one."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals, here

_HEADER, _TEXT, _BLOCKS, _CONTEXT, _ACTIONS, _BUTTON, _VALUE, _ID = 150, 3000, 50, 10, 25, 75, 2000, 255
_LONGEST_TEXT = 40_000
_SECONDS_BETWEEN = 1.0


@dataclass
class Slack:
    """One workspace.

    Attributes:
        clock: seconds; a message a second is taken.
    """

    arrivals: Arrivals
    clock: Callable[[], float] = time.monotonic
    _last: float = float("-inf")
    _waiting: dict[str, bytes | None] = field(default_factory=dict)

    async def webhook(self, request: Request) -> Response:
        status, word, wait = self._take(await _json(request), None)
        return PlainTextResponse(word, status, {"Retry-After": str(wait)} if wait else {})

    async def api(self, request: Request) -> Response:
        """A method of the Web API. What went wrong is a word in an answer that is otherwise well."""
        if not request.headers.get("authorization", "").startswith("Bearer xoxb-"):
            return JSONResponse({"ok": False, "error": "not_authed"})
        given = await _given(request)
        method = request.path_params["method"]
        if method == "chat.postMessage":
            status, word, wait = self._take(given, str(given.get("channel") or ""))
            if status == 429:
                return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
            if status != 200:
                return JSONResponse({"ok": False, "error": word}, status if status >= 500 else 200)
            return JSONResponse({"ok": True, "channel": given.get("channel"), "ts": word})
        if method == "files.getUploadURLExternal":
            return self._promise(request, given)
        if method == "files.completeUploadExternal":
            return self._complete(given)
        return JSONResponse({"ok": False, "error": "unknown_method"})

    async def upload(self, request: Request) -> Response:
        number = request.path_params["number"]
        if number not in self._waiting:
            return PlainTextResponse("unknown", 404)
        self._waiting[number] = await request.body()
        return PlainTextResponse("OK")

    def _promise(self, request: Request, given: dict[str, Any]) -> Response:
        if not given.get("filename") or int(given.get("length") or 0) <= 0:
            return JSONResponse({"ok": False, "error": "invalid_arguments"})
        number = f"F{secrets.token_hex(5).upper()}"
        self._waiting[number] = None
        address = f"{here(request)}/upload/{number}"
        return JSONResponse({"ok": True, "upload_url": address, "file_id": number})

    def _complete(self, given: dict[str, Any]) -> Response:
        files = given.get("files") or []
        files = json.loads(files) if isinstance(files, str) else files
        for one in files:
            content = self._waiting.pop(one.get("id"), None)
            if content is None:
                return JSONResponse({"ok": False, "error": "file_not_found"})
            self.arrivals.files[one["id"]] = content
            self._attach(str(given.get("thread_ts") or ""), one["id"])
        return JSONResponse({"ok": True, "files": files})

    def _attach(self, thread: str, number: str) -> None:
        owner = next((one for one in self.arrivals.kept if one.body.get("ts") == thread), None)
        if owner:
            owner.body.setdefault("files", []).append(number)
        else:
            self.arrivals.keep("slack", 200, "a file", {"files": [number]})

    def _take(self, body: dict[str, Any] | None, channel: str | None) -> tuple[int, str, int]:
        """Status, Slack's word or the message's time stamp, and seconds to wait."""
        if (trouble := self.arrivals.trouble("slack")) is not None:
            return trouble, "internal_error" if trouble >= 500 else "trouble", int(trouble == 429)
        if self.clock() - self._last < _SECONDS_BETWEEN:
            self.arrivals.keep("slack", 429, "rate_limited")
            return 429, "rate_limited", 1
        fault = "invalid_payload" if body is None else "channel_not_found" if channel == "" else slack_fault(body)
        if fault or body is None:
            self.arrivals.keep("slack", 400, fault or "")
            return 400, fault or "", 0
        self._last = self.clock()
        kept = self.arrivals.keep("slack", 200, slack_text(body), dict(body))
        kept.body["ts"] = f"{int(time.time())}.{kept.number:06}"
        return 200, "ok" if channel is None else kept.body["ts"], 0


def slack_fault(body: dict[str, Any]) -> str | None:
    """Why Slack would not take a message, in its own words; missing if it would."""
    if not body.get("text"):
        return "no_text"
    blocks = body.get("blocks", [])
    if len(body["text"]) > _LONGEST_TEXT:
        return "msg_too_long"
    numbers = [one["block_id"] for one in blocks if "block_id" in one]
    is_odd = len(blocks) > _BLOCKS or len(numbers) > len(set(numbers)) or not all(map(_is_block, blocks))
    return "invalid_blocks" if is_odd else None


def slack_text(body: dict[str, Any]) -> str:
    """What a message says, block by block."""
    texts = [one.get("text", {}).get("text") or " ".join(_words(e) for e in one.get("elements", []))
             for one in body.get("blocks", [])]  # fmt: skip
    return "\n\n".join(texts or [body["text"]])


def _words(element: dict[str, Any]) -> str:
    text = element.get("text", "")
    return f"[{text['text']}]" if isinstance(text, dict) else str(text)


def _is_block(block: dict[str, Any]) -> bool:
    elements = block.get("elements", [])
    if len(block.get("block_id", "")) > _ID:
        return False
    if block.get("type") == "divider":
        return True
    if block.get("type") == "context":
        return 0 < len(elements) <= _CONTEXT and all(_is_text(one, _TEXT) for one in elements)
    if block.get("type") == "actions":
        names = [one.get("action_id") for one in elements]
        return 0 < len(elements) <= _ACTIONS and len(set(names)) == len(names) and all(map(_is_button, elements))
    most = _HEADER if block.get("type") == "header" else _TEXT
    is_plain = block.get("type") != "header" or block.get("text", {}).get("type") == "plain_text"
    is_known = block.get("type") in ("header", "section") and is_plain and _is_text(block.get("text", {}), most)
    return is_known and ("accessory" not in block or _is_button(block["accessory"]))


def _is_button(one: dict[str, Any]) -> bool:
    text = one.get("text", {})
    is_named = one.get("type") == "button" and 0 < len(one.get("action_id", "")) <= _ID
    is_short = text.get("type") == "plain_text" and _is_text(text, _BUTTON) and len(one.get("value", "")) <= _VALUE
    return is_named and is_short and one.get("style", "primary") in ("primary", "danger")


def _is_text(text: dict[str, Any], most: int) -> bool:
    return text.get("type") in ("plain_text", "mrkdwn") and 0 < len(text.get("text", "")) <= most


async def _json(request: Request) -> dict[str, Any] | None:
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def _given(request: Request) -> dict[str, Any]:
    """Arguments of a method, as JSON, a form or a query."""
    if "json" in request.headers.get("content-type", ""):
        return await _json(request) or {}
    text = (await request.body()).decode("utf-8", "replace") + "&" + request.url.query
    return {key: values[-1] for key, values in parse_qs(text).items()}
