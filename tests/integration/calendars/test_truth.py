"""The simulated company's days, as its calendars tell them over Google's protocol, held against what people did."""

import json
import logging
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.calendars import calendar_owners, collect_calendars
from roosevelt_pipeline.people import follow_people
from roosevelt_pipeline.sandbox.calendars.desk import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from roosevelt_pipeline.sandbox.calendars.diary import PLACES, SUBJECTS
from roosevelt_pipeline.sandbox.calendars.intents import days_of_everyone
from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.settings import CalendarSettings, PeopleSettings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.support.pipeline import MODELS_ONLY, dbt_build, rows, running_company

SAMPLE = [(1901, 50)]
SOAK = [(seed, 150) for seed in range(1, 11)]


@pytest.fixture(
    scope="module",
    params=[*SAMPLE, *(pytest.param(one, marks=pytest.mark.soak) for one in SOAK)],
    ids=lambda one: f"seed {one[0]}, {one[1]} days",
)
def office(request, new_warehouse, tmp_path_factory):
    """A company of which everybody agreed, read week by week, and the days of each address."""
    seed, days = request.param
    warehouse, folder = new_warehouse(), tmp_path_factory.mktemp("office")
    with running_company(Company.of_days(seed, date(2026, 3, 2), days)) as company, capturing() as said:
        settings = settings_of(company, directory(company, folder))
        write_as_of(warehouse, settings, company.as_of)
        follow_people(settings, warehouse)
        reports = [collect_calendars(settings, warehouse, uuid4(), now=company.company.ends_at)]
        later = company.days_later(7)
        reports.append(collect_calendars(settings, warehouse, uuid4(), now=later.company.ends_at))
        write_as_of(warehouse, settings, later.as_of)
        dbt_build(warehouse, folder / "target", "--select", "+int_person_days__focused", *MODELS_ONLY)
        owners = {one.user_id: (one.google or one.ical or "") for one in calendar_owners(settings, warehouse)[0]}
        first = company.company.start + timedelta(days=2)
        truth = ended(days_of_everyone(later.state.store, first, later.as_of), later)
        yield warehouse, owners, truth, reports, later.state.store, said


def ended(truth, company):
    """The days that had ended where each person lives when the calendars were read."""
    zones = {doc["email"]: ZoneInfo(doc["timezone"]) for doc in company.state.store.each("accounts") if doc["email"]}
    read_at = company.company.ends_at
    return {
        (address, day): one
        for (address, day), one in truth.items()
        if datetime.combine(day + timedelta(days=1), time(), tzinfo=zones[address]) <= read_at
    }


class capturing(logging.Handler):  # noqa: N801
    """All that is logged, at any level."""

    def __enter__(self):
        self.lines = []
        logging.getLogger().addHandler(self)
        return self.lines

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self)

    def emit(self, record):
        self.lines.append(record.getMessage())


def directory(company, folder):
    """Everybody, a third of those without focus blocks by a feed: iCalendar has no word for such blocks."""
    accounts = [doc for doc in company.state.store.each("accounts") if doc["kind"] == "User" and doc["team"]]
    with_blocks = {row["calendar"] for row in company.state.store.rows(
        "select distinct calendar from calendar_events where doc like '%focusTime%'")}  # fmt: skip
    lines = ["github_id,emails,calendar,ical,time_zone,opted_in"]
    for place, one in enumerate(accounts):
        desk_path = feed_path(one["email"])
        feed = one["email"] not in with_blocks and place % 3 == 0
        where = f",{company.url}{desk_path}" if feed else f"{one['email']},"
        lines.append(f"{one['id']},{one['email']},{where},{one['timezone']},{company.company.start}")
    (folder / "people.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "people.csv"


def feed_path(address):
    from roosevelt_pipeline.sandbox.calendars.desk import Desk

    return Desk(None).feed_path(address)


def settings_of(company, path):
    return company.settings.model_copy(update={
        "people": PeopleSettings(directory=path, workday_start="09:00", workday_end="17:30"),
        "calendars": CalendarSettings(
            google_api_url=company.url, google_token_url=f"{company.url}/calendar/token", weeks_back=52
        ),
        "google_calendar_client_id": SecretStr(CLIENT_ID),
        "google_calendar_client_secret": SecretStr(CLIENT_SECRET),
        "google_calendar_refresh_token": SecretStr(REFRESH_TOKEN),
    })  # fmt: skip


def write_as_of(warehouse, settings, day):
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings, day, uuid4())


def test_every_day_of_everybody_is_what_it_was(office):
    warehouse, owners, truth, reports, _, _ = office
    assert [report.failures for report in reports] == [[], []]
    names = ("focus_hours", "meeting_hours", "context_switches", "out_of_office_hours", "working_hours")
    said = {
        (address_of(owners[row["user_id"]]), row["local_date"]): tuple(round(float(row[name]), 3) for name in names)
        for row in rows(warehouse, "select * from intermediate.int_person_days__focused where is_known")
        if row["local_date"] >= min(day for _, day in truth)
    }

    was = {
        key: tuple(round(float(value), 3) for value in (day.focus, day.meetings, day.switches, day.away, day.working))
        for key, day in truth.items()
    }
    keys = was | said
    assert [f"{key}: said {said.get(key)}, was {was.get(key)}" for key in keys if said.get(key) != was.get(key)] == []
    assert len(was) > 1000
    assert len({day[0] for day in was.values()}) > 30  # hours of focus are not all alike
    assert sum(day[2] for day in was.values()) > 50
    assert any(day[3] for day in was.values())


def test_a_week_later_most_of_it_is_read_as_what_changed(office):
    _, _, _, reports, _, _ = office

    assert {one.lane for one in reports[0].outcomes} == {"full"}
    assert "incremental" in {one.lane for one in reports[1].outcomes}


def test_nobodys_name_address_or_title_is_in_any_table_or_log(office):
    warehouse, _, _, _, store, said = office
    tables = rows(
        warehouse,
        "select format('%I.%I', table_schema, table_name) as name from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema')",
    )
    kept = [
        json.dumps(rows(warehouse, f"select t::text from {one['name']} as t"), ensure_ascii=False) for one in tables
    ]
    kept.append("\n".join(said))
    words = [*SUBJECTS, *PLACES, "rooms.helios-labs", "basic.ics"]
    for account in store.each("accounts"):
        words += [account["email"], account["name"]] if account["kind"] == "User" else []
    assert len(tables) > 60
    for text in kept:
        assert [word for word in words if word in text] == []


def address_of(place):
    return place.split("/")[-2] if place.endswith(".ics") else place
