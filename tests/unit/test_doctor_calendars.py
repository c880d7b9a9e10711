"""What the doctor says of calendars, before anything is asked."""

import json

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from roosevelt_pipeline.doctor_calendars import examine_calendars
from roosevelt_pipeline.settings import Settings


def said(**settings):
    return [(check.verdict, f"{check.message}; {check.remedy}") for check in examine_calendars(Settings(**settings))]


def directory(folder, *rows):
    (folder / "people.csv").write_text("\n".join(["emails,calendar,ical", *rows]), encoding="utf-8")
    return {"people": {"directory": folder / "people.csv"}}


def test_calendars_need_not_be_used():
    ((verdict, words),) = said()
    assert (verdict, "not used" in words) == ("good", True)


def test_calendars_that_nothing_can_read_are_told_and_nobody_is_named(tmp_path):
    ((verdict, words),) = said(**directory(tmp_path, "ada@acme.example,ada@acme.example,"))

    assert (verdict, "1 Google calendars" in words, "ada@" in words) == ("odd", True, False)
    assert "GOOGLE_CALENDAR_SERVICE_ACCOUNT_FILE" in words


def test_feeds_need_no_key(tmp_path):
    ((verdict, words),) = said(**directory(tmp_path, "ada@acme.example,,https://calendars.example/secret.ics"))

    assert (verdict, "secret.ics" in words) == ("good", False)


def test_a_consent_that_is_set_in_part_is_no_consent():
    ((verdict, words),) = said(google_calendar_client_id=SecretStr("id"))

    assert verdict == "bad"
    assert "GOOGLE_CALENDAR_CLIENT_SECRET and GOOGLE_CALENDAR_REFRESH_TOKEN not set" in words


def test_a_file_that_is_no_key_is_told(tmp_path):
    (tmp_path / "key.json").write_text(json.dumps({"type": "authorized_user"}))
    (tmp_path / "key.json").chmod(0o600)

    ((verdict, words),) = said(google_calendar_service_account_file=tmp_path / "key.json")

    assert (verdict, "no key of a service account" in words) == ("bad", True)


def test_a_key_that_others_may_read_is_told(tmp_path):
    (tmp_path / "key.json").write_text(json.dumps(service_account_key()))
    (tmp_path / "key.json").chmod(0o644)

    assert [verdict for verdict, _ in said(google_calendar_service_account_file=tmp_path / "key.json")] == [
        "odd",
        "good",
    ]


def test_half_a_key_is_told_before_anything_is_read(tmp_path):
    key = service_account_key()
    (tmp_path / "key.json").write_text(json.dumps({name: key[name] for name in ("type", "client_email")}))
    (tmp_path / "key.json").chmod(0o600)

    ((verdict, words),) = said(google_calendar_service_account_file=tmp_path / "key.json")

    assert (verdict, "no key of a service account" in words) == ("bad", True)


def service_account_key():
    """As Google's console makes one."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "type": "service_account", "client_email": "reader@project.example", "private_key": pem,
        "token_uri": "https://oauth2.googleapis.com/token",
    }  # fmt: skip
