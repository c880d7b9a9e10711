"""Who is asked, once, on the channel of the policy; and what happens when a message may or may not have arrived."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.people import change_participation
from roosevelt_pipeline.surveys.channels import ChannelError
from roosevelt_pipeline.surveys.inviting import send_invitations
from tests.integration.surveys.receivers import mail, slack

OPENS = datetime(2026, 7, 1, 9, tzinfo=UTC)
LATER = OPENS + timedelta(days=8)
ADDRESS = "https://surveys.acme.example"


@pytest.fixture
def receiver():
    with slack() as fake:
        yield fake


@pytest.fixture
def asked(new_office, receiver):
    """An office that asks by Slack."""
    office = new_office(channel="slack", address=ADDRESS, slack_api_url=receiver.url)
    office.settings = office.settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-canary")})
    return office


def invite(office, now=OPENS, **more):
    return send_invitations(office.settings, office.warehouse, now=now, **more)


def test_whoever_takes_part_and_can_be_reached_is_asked_once(asked, receiver):
    first, second = invite(asked), invite(asked)

    assert (first.invited, first.unreachable, second.invited) == (2, 1, 0)  # carol has no Slack id, dave takes no part
    assert sorted(member for member, _ in receiver.messages) == ["U00000BRAM", "U0000ANOUK"]
    links = {word for _, text in receiver.messages for word in text.split() if word.startswith(ADDRESS)}
    assert len(links) == 2
    assert all(len(link.removeprefix(f"{ADDRESS}/survey/")) == 43 for link in links)


def test_no_link_can_be_found_in_the_database(asked, receiver):
    invite(asked)

    tokens = [word.rpartition("/")[2] for _, text in receiver.messages for word in text.split() if ADDRESS in word]
    everything = str(asked.rows("select t::text from survey.invitations as t"))
    assert len(tokens) == 2
    assert not any(token in everything for token in tokens)


def test_who_has_not_answered_is_reminded_once_with_the_same_link(asked, receiver):
    invite(asked)
    early = invite(asked, OPENS + timedelta(days=6))
    reminded, again = invite(asked, LATER), invite(asked, LATER + timedelta(days=1))

    assert (early.reminded, reminded.reminded, again.reminded) == (0, 2, 0)
    links = [word for _, text in receiver.messages for word in text.split() if word.startswith(ADDRESS)]
    assert len(links) == 4
    assert len(set(links)) == 2


def test_who_has_answered_is_not_reminded(asked, receiver):
    invite(asked)
    asked.import_("respondent,answered_at,nps_score\nanouk@acme.org,2026-07-03,9\n")

    assert invite(asked, LATER).reminded == 1
    assert receiver.messages[-1][0] == "U00000BRAM"


def test_a_crash_after_a_message_was_sent_sends_no_second_one(asked, receiver):
    def die():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invite(asked, on_sent=die)
    rest = invite(asked)

    assert rest.invited == 1
    assert sorted(member for member, _ in receiver.messages) == ["U00000BRAM", "U0000ANOUK"]
    assert sorted(asked.rows("select invitation from survey.invitations where invitation is not null")) == [
        ("claimed",),
        ("sent",),
    ]


def test_what_may_have_arrived_is_not_sent_again_but_reminded_of(asked, receiver):
    receiver.script = {"chat.postMessage": ["drop"]}

    first, second = invite(asked), invite(asked)

    assert (first.invited, first.unknown, second.invited) == (1, 1, 0)
    assert invite(asked, LATER).reminded == 2


def test_what_certainly_did_not_arrive_is_sent_in_the_next_run(asked, receiver):
    receiver.script = {"chat.postMessage": ["fatal_error"]}

    first, second = invite(asked), invite(asked)

    assert (first.invited, first.failed, first.reasons) == (1, 1, {"Slack: fatal_error": 1})
    assert second.invited == 1
    assert len(receiver.messages) == 2


def test_somebody_whom_slack_does_not_know_is_given_up(asked, receiver):
    receiver.script = {"conversations.open": ["user_not_found"]}

    assert invite(asked).failed == 1
    assert invite(asked).invited == 0


def test_slack_is_waited_for_when_it_asks_for_it(asked, receiver):
    receiver.script = {"chat.postMessage": ["ratelimited"]}

    assert invite(asked).invited == 2
    assert len(receiver.messages) == 2


def test_a_token_that_slack_refuses_stops_the_run_and_loses_nobody(asked, receiver):
    receiver.script = {"conversations.open": ["invalid_auth"]}

    with pytest.raises(ChannelError, match="check SLACK_BOT_TOKEN") as caught:
        invite(asked)

    assert "xoxb" not in str(caught.value)
    assert invite(asked).invited == 2


def test_a_missing_token_is_named(asked):
    asked.settings = asked.settings.model_copy(update={"slack_bot_token": None})

    with pytest.raises(ChannelError, match="SLACK_BOT_TOKEN is not set"):
        invite(asked)


def test_a_dry_run_counts_and_does_nothing(asked, receiver):
    report = invite(asked, dry_run=True)

    assert (report.invited, report.unreachable) == (2, 1)
    assert report.lines(dry_run=True)[0] == "2026-Q3: 2 would be invited, 0 would be reminded"
    assert receiver.messages == []
    assert asked.rows("select 1 from survey.invitations") == []


def test_a_dry_run_goes_by_consent_as_it_is_now_and_changes_none(asked, receiver):
    people, before = asked.folder / "people.csv", asked.rows("select * from raw.participants")
    people.write_text(people.read_text("utf-8").replace("web,2026-01-01,yes", "web,,yes"), encoding="utf-8")

    assert invite(asked, dry_run=True).invited == 1  # without bram
    assert asked.rows("select * from raw.participants") == before


def test_who_has_opted_out_since_is_not_reminded(asked, receiver):
    invite(asked)
    change_participation(asked.settings, asked.warehouse, "anouk@acme.org", takes_part=False)

    assert invite(asked, LATER).reminded == 1
    assert [member for member, _ in receiver.messages].count("U0000ANOUK") == 1


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (OPENS, "the survey of 2026-Q3 opens on 2026-07-15"),
        (OPENS + timedelta(days=14 + 21), "the survey of 2026-Q3 has closed; the next one opens on 2026-10-15"),
    ],
)
def test_outside_of_its_window_nobody_is_asked(asked, receiver, now, reason):
    surveys = asked.settings.surveys.model_copy(update={"first_day": 15})
    asked.settings = asked.settings.model_copy(update={"surveys": surveys})

    assert reason in invite(asked, now).skipped
    assert receiver.messages == []


def test_who_agrees_to_be_linked_after_having_been_asked_is_not_asked_again(asked, receiver):
    invite(asked)
    people = asked.folder / "people.csv"
    people.write_text(people.read_text("utf-8").replace("web,2026-01-01,\n", "web,2026-01-01,yes\n"), encoding="utf-8")

    again = invite(asked, OPENS + timedelta(days=1))

    assert asked.rows("select count(*) from raw.participants where ended_because = 'other terms'") == [(1,)]
    assert (again.invited, len(receiver.messages)) == (0, 2)


def test_a_new_quarter_asks_everybody_anew(asked, receiver):
    invite(asked)

    assert invite(asked, datetime(2026, 10, 1, 9, tzinfo=UTC)).invited == 2
    assert len({text for _, text in receiver.messages}) == 4


@pytest.fixture
def by_mail(new_office, tmp_path, monkeypatch):
    with mail(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        office = new_office(
            channel="email", address=ADDRESS, sender="pulse@acme.example", smtp_host="127.0.0.1", smtp_port=server.port
        )
        yield office, server


def test_e_mail_goes_to_the_first_address_over_tls_with_a_number_that_stays_the_same(by_mail):
    office, server = by_mail

    assert invite(office).invited == 3

    to = dict(server.mails)["anouk@acme.org"]
    assert "Subject: How is work going? Three questions for 2026-Q3" in to
    assert f"{ADDRESS}/survey/" in to
    assert "From: pulse@acme.example" in to
    assert len({text.split("Message-ID: ")[1].split()[0] for _, text in server.mails}) == 3


def test_a_mail_server_that_refuses_one_recipient_keeps_nobody_else_waiting(by_mail):
    office, server = by_mail
    server.script = {"anouk@acme.org": "550 no such user", "bram@acme.org": "451 greylisted"}

    first = invite(office)
    server.script = {}
    second = invite(office)

    assert (first.invited, first.failed) == (1, 2)
    assert second.invited == 1  # 550 is for good, 451 is not
    assert sorted(address for address, _ in server.mails) == ["bram@acme.org", "carol@acme.org"]


def test_nothing_is_sent_in_the_clear(new_office, tmp_path):
    with mail(tmp_path, with_tls=False) as server:
        office = new_office(
            channel="email", address=ADDRESS, sender="pulse@acme.example", smtp_host="127.0.0.1", smtp_port=server.port
        )
        with pytest.raises(ChannelError, match="offers no TLS"):
            invite(office)
        assert server.mails == []


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(by_mail, monkeypatch):
    office, server = by_mail
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(ChannelError, match="certificate is not trusted"):
        invite(office)
    assert server.mails == []
