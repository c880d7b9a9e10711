"""The inbox as a folder: deliveries that something else received, one file each.

Three forms are understood (docs/operating.md): headers with the raw body, headers with the
parsed payload as GitHub's API shows a delivery, and a bare payload whose file is called
``<delivery>.<event>.json``. A signature is checked where the raw body is there to check.
Payloads hold personal data: a file that was taken in is deleted unless it is to be kept.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roosevelt_pipeline.sources.github.deliveries import LARGEST_BODY, is_authentic, parse_body, read_delivery
from roosevelt_pipeline.sources.github.nodes import Node, UnfitError
from roosevelt_pipeline.warehouse.inbox import Hint

LARGEST_FILE = 2 * LARGEST_BODY  # a body inside JSON is longer than it was
STILL_GROWING_SECONDS = 60.0


@dataclass
class Taken:
    """What became of the files: how many by outcome, and the rejected ones' reasons by name."""

    counts: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, str] = field(default_factory=dict)


def waiting_files(folder: Path) -> list[Path]:
    """Files to take in, by name. Those whose name begins with a dot are still being written."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.glob("*.json") if not path.name.startswith(".") and not path.is_symlink()]
    return sorted(path for path in found if path.is_file())


def take_in(
    folder: Path, secrets: Sequence[bytes], put: Callable[[Hint], bool], *, keep_files: bool, keep_days: int
) -> Taken:
    """Put what the files say into the inbox, then move or delete them.

    A file that is rejected goes to ``rejected/`` with the reason beside it. Taking the same
    delivery in twice changes nothing, so a crash in between does no harm.
    """
    taken = Taken()
    for path in waiting_files(folder):
        try:
            hint = read_file(path, secrets)
        except UnfitError as reason:
            if str(reason) == "not_json" and time.time() - path.stat().st_mtime < STILL_GROWING_SECONDS:
                taken.counts["left"] += 1
                continue
            _reject(path, str(reason))
            taken.counts["rejected"] += 1
            taken.rejected[path.name] = str(reason)
        except OSError as error:
            taken.counts["unreadable"] += 1
            taken.rejected[path.name] = f"cannot be read: {error.strerror}"
        else:
            taken.counts["ignored" if hint is None else "accepted" if put(hint) else "repeated"] += 1
            _done(path, keep_files)
    _forget_rejected(folder, keep_days)
    return taken


def read_file(path: Path, secrets: Sequence[bytes]) -> Hint | None:
    """What a file's delivery points at; ``None`` for what we make no use of.

    Raises:
        UnfitError: it is none of the three forms, or its signature is wrong.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise UnfitError("too_large")
    content = parse_body(path.read_bytes())
    told = content["request"] if isinstance(content.get("request"), dict) else content
    if not isinstance(told.get("headers"), dict):
        delivery, _, event = path.name.removesuffix(".json").partition(".")
        return read_delivery(event or None, delivery, content)
    headers = {str(name).lower(): value for name, value in told["headers"].items()}
    payload = _payload(told, headers, secrets)
    # GitHub's API repeats both beside the request.
    names = (headers.get("x-github-event", content.get("event")), headers.get("x-github-delivery", content.get("guid")))
    return read_delivery(*names, payload)


def _payload(told: Node, headers: Mapping[str, Any], secrets: Sequence[bytes]) -> Node:
    if isinstance(told.get("payload"), dict):
        payload: Node = told["payload"]
        return payload  # parsed already: the bytes that were signed are gone
    if not isinstance(told.get("body"), str):
        raise UnfitError("missing: body")
    body = told["body"].encode("utf-8", "surrogatepass")
    if (signature := headers.get("x-hub-signature-256")) is not None and not (
        isinstance(signature, str) and secrets and is_authentic(body, signature, secrets)
    ):
        raise UnfitError("wrong_signature" if secrets else "signed_but_no_secret_is_set")
    return parse_body(body)


def _done(path: Path, keep: bool) -> None:
    if not keep:
        path.unlink(missing_ok=True)
        return
    (path.parent / "done").mkdir(exist_ok=True)
    path.replace(path.parent / "done" / path.name)


def _reject(path: Path, reason: str) -> None:
    place = path.parent / "rejected"
    place.mkdir(exist_ok=True)
    (place / f"{path.name}.reason").write_text(json.dumps({"file": path.name, "reason": reason}) + "\n")
    path.replace(place / path.name)


def _forget_rejected(folder: Path, days: int) -> None:
    for path in (folder / "rejected").glob("*"):
        if path.is_file() and time.time() - path.stat().st_mtime > days * 86_400:
            path.unlink(missing_ok=True)
