"""Deliveries that were dropped into a folder: which forms are understood, what becomes of the files."""

import json
import os
from pathlib import Path

import pytest

from roosevelt_pipeline.sources.github.deliveries import sign
from roosevelt_pipeline.sources.github.delivery_files import take_in, waiting_files

SECRET = b"correct horse battery staple"
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
PAYLOAD = {
    "action": "published",
    "release": {"id": 7, "node_id": "RE_7", "name": "Canary Lovelace"},
    "repository": {"id": 5, "node_id": "R_5", "owner": {"login": "canary"}},
}
BODY = json.dumps(PAYLOAD)
HEADERS = {"X-GitHub-Event": "release", "X-GitHub-Delivery": DELIVERY}


class Folder:
    def __init__(self, path: Path) -> None:
        self.path, self.hints = path, []

    def drop(self, content: object, name: str = "1.json", age: float = 0) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        (self.path / name).write_text(text, encoding="utf-8")
        if age:
            moment = (self.path / name).stat().st_mtime - age
            os.utime(self.path / name, (moment, moment))

    def put(self, hint) -> bool:
        is_new = hint.delivery_id not in [one.delivery_id for one in self.hints]
        self.hints += [hint] if is_new else []
        return is_new

    def take(self, secrets=(SECRET,), keep_files=False, keep_days=14):
        return take_in(self.path, secrets, self.put, keep_files=keep_files, keep_days=keep_days)

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("1.json", {"headers": HEADERS | {"X-Hub-Signature-256": sign(BODY.encode(), SECRET)}, "body": BODY}),
        ("1.json", {"headers": {name.lower(): value for name, value in HEADERS.items()}, "body": BODY}),
        ("1.json", {"guid": DELIVERY, "event": "release", "request": {"headers": {}, "payload": PAYLOAD}}),
        (f"{DELIVERY}.release.json", PAYLOAD),
    ],
)
def test_three_forms_are_understood_and_the_file_is_gone_because_it_names_somebody(folder, name, content):
    folder.drop(content, name)

    taken = folder.take()

    assert (taken.counts, taken.rejected) == ({"accepted": 1}, {})
    assert [(one.delivery_id, one.kind, one.object_id) for one in folder.hints] == [(DELIVERY, "release", 7)]
    assert folder.files() == []


def test_a_file_is_kept_if_that_is_wanted(folder):
    folder.drop(PAYLOAD, f"{DELIVERY}.release.json")

    folder.take(keep_files=True)

    assert folder.files() == [f"done/{DELIVERY}.release.json"]


def test_the_same_delivery_in_two_files_is_taken_once(folder):
    folder.drop(PAYLOAD, f"{DELIVERY}.release.json")
    folder.drop({"headers": HEADERS, "payload": PAYLOAD}, "again.json")

    assert folder.take().counts == {"accepted": 1, "repeated": 1}
    assert len(folder.hints) == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("1.json", {"headers": HEADERS | {"X-Hub-Signature-256": sign(b"another", SECRET)}, "body": BODY},
         "wrong_signature"),
        ("1.json", {"headers": HEADERS | {"X-Hub-Signature-256": 5}, "body": BODY}, "wrong_signature"),
        ("1.json", {"headers": HEADERS}, "missing: body"),
        ("1.json", {"headers": {}, "payload": PAYLOAD}, "missing: X-GitHub-Event"),
        ("1.json", PAYLOAD, "missing: X-GitHub-Event"),
        ("hello.release.json", PAYLOAD, "malformed: X-GitHub-Delivery"),
        (f"{DELIVERY}.release.json", [1], "not_an_object"),
        (f"{DELIVERY}.release.json", PAYLOAD | {"release": None}, "missing: release"),
    ],
)  # fmt: skip
def test_what_is_not_understood_or_not_authentic_is_set_aside_with_the_reason(folder, name, content, reason):
    folder.drop(content, name)
    folder.drop(PAYLOAD, "0a0a0a0a-0000.release.json")

    taken = folder.take()

    assert (taken.counts, taken.rejected) == ({"accepted": 1, "rejected": 1}, {name: reason})
    assert folder.files() == [f"rejected/{name}", f"rejected/{name}.reason"]
    told = (folder.path / "rejected" / f"{name}.reason").read_text()
    assert json.loads(told) == {"file": name, "reason": reason}
    assert "anary" not in told


def test_a_signed_file_is_not_believed_where_there_is_no_secret_to_check_it_with(folder):
    folder.drop({"headers": HEADERS | {"X-Hub-Signature-256": sign(BODY.encode(), SECRET)}, "body": BODY})

    assert folder.take(secrets=()).rejected == {"1.json": "signed_but_no_secret_is_set"}


def test_a_file_that_is_still_being_written_is_left_for_the_next_look(folder):
    folder.drop(BODY[:40], f"{DELIVERY}.release.json")
    folder.drop(BODY, ".hidden.json")

    assert folder.take().counts == {"left": 1}
    assert [path.name for path in waiting_files(folder.path)] == [f"{DELIVERY}.release.json"]

    folder.drop(BODY[:40], f"{DELIVERY}.release.json", age=120)
    assert folder.take().counts == {"rejected": 1}


def test_what_was_rejected_is_forgotten_after_some_days(folder):
    folder.drop({"headers": HEADERS}, age=20 * 86_400)
    folder.take()
    for path in (folder.path / "rejected").iterdir():
        os.utime(path, (path.stat().st_mtime - 20 * 86_400,) * 2)

    folder.take()

    assert folder.files() == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert waiting_files(tmp_path / "none") == []
