"""Files that the company's own people hand to whoever measures them: the directory, and answers as Excel exports them.

Answers lie in an inbox once, and again only if there are more of them: what was taken away stays away.
"""

import csv
import hashlib
import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from roosevelt_pipeline.sandbox.store import Doc, Store

DIRECTORY, INBOX = "people.csv", "surveys"
DIRECTORY_COLUMNS = (
    "github", "github_id", "emails", "slack", "time_zone", "workday_start", "workday_end", "working_days", "team",
    "opted_in", "link_survey", "calendar",
)  # fmt: skip
# As a Dutch Excel would have it.
ANSWER_COLUMNS = ("E-mail", "Uitgenodigd", "Ingevuld", "Aanbeveling", "Tevredenheid", "Opmerking")
_NOTE = ".handed-out.json"


def hand_out(store: Store, folder: Path) -> list[Path]:
    """Write what is new into a folder. Returns the files that were written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INBOX).mkdir(mode=0o700, exist_ok=True)
    files = {DIRECTORY: directory_file(store)}
    files |= {f"{INBOX}/pulse-{quarter}.csv": answers_file(store, quarter) for quarter in quarters(store)}
    note = folder / _NOTE
    known = json.loads(note.read_text()) if note.exists() else {}
    fresh = {name: hashlib.sha256(text).hexdigest() for name, text in files.items()}
    written = [_write(folder / name, files[name]) for name, digest in fresh.items() if known.get(name) != digest]
    note.write_text(json.dumps(fresh))
    return written


def quarters(store: Store) -> list[str]:
    """The quarters in which people were asked."""
    return [row["quarter"] for row in store.rows("select distinct quarter from truth_surveys order by quarter")]


def directory_file(store: Store) -> bytes:
    """The directory of people."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(DIRECTORY_COLUMNS)
    calendars = {row["calendar"] for row in store.rows("select distinct calendar from calendar_events")}
    for person in store.each("people", "id"):
        known = person | {"calendar": _calendar(person, calendars)}
        rows.writerow([known[column] or "" for column in DIRECTORY_COLUMNS])
    return text.getvalue().encode()


def _calendar(person: Doc, calendars: set[str]) -> str | None:
    """The address that the person's calendar has, if there is one."""
    return next((address for address in str(person["emails"]).split() if address in calendars), None)


def answers_file(store: Store, quarter: str) -> bytes:
    """A quarter's answers, and who was asked and is silent."""
    emails = {person["id"]: person["emails"].split()[0] for person in store.each("people", "id")}
    asked = {one["person_id"]: one for one in store.each("truth_surveys", "person_id") if one["quarter"] == quarter}
    answers = [one for one in store.each("survey_answers", "id") if one["quarter"] == quarter]
    silent = [number for number in asked if number not in {one["person_id"] for one in answers}]
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(ANSWER_COLUMNS)
    for one in answers:
        rows.writerow([one["email"], _day(asked.get(one["person_id"])), *_answer(one)])
    for number in silent:
        rows.writerow([emails[number], _day(asked[number]), "", "", "", ""])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _day(asked: Doc | None) -> str:
    if asked is None:
        return ""
    return _dutch(date.fromisoformat(str(asked["invited_at"])[:10]))


def _answer(one: Doc) -> tuple[str, str, str, str]:
    there = datetime.fromisoformat(str(one["answered_at"])).astimezone(ZoneInfo("Europe/Amsterdam"))
    nps = "" if one["nps_score"] is None else f"{one['nps_score']},0"
    moment = f"{_dutch(there.date())} {there:%H:%M:%S}"
    return moment, nps, str(one["satisfaction_score"]), one["feedback"] or ""


def _dutch(day: date) -> str:
    return f"{day.day}-{day.month}-{day.year}"


def _write(path: Path, text: bytes) -> Path:
    """Whole or not at all, and as if it had been lying there for a while."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(text)
    fresh.chmod(0o600)
    earlier = (datetime.now(UTC) - timedelta(minutes=1)).timestamp()
    os.utime(fresh, (earlier, earlier))
    fresh.replace(path)
    return path
