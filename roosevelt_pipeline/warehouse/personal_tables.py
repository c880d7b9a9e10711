"""Every table that holds rows about participants of SPACE: what goes when somebody opts out, and what goes with time.

A source that stores anything about participants adds its tables here, grants their deletion to ``roosevelt_ingest`` in
its DDL, and gets opting out, retention, and the tests of both, for nothing.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PersonalTable:
    """A table with rows about participants.

    Attributes:
        person: SQL that gives a row's surrogate, as uuid.
        carries: whose surrogate it is: the person's own, or the one that the person's answers carry.
        is_over: SQL that says whether a row is about a time before ``%(before)s``, an instant, or ``%(before_text)s``,
            the same in ISO 8601, and has been here since before ``%(landed)s`` where the past may come in late;
            ``None`` for what is kept as long as the person takes part, as it says how things are now.
    """

    schema: str
    table: str
    person: str
    carries: Literal["person", "respondent"]
    is_over: str | None


# Tables of all streams, in which the scope is a person where the stream is calendars.
_OF_CALENDARS = "(case when stream = 'calendar_events' then scope::uuid end)"
_RESPONDENT = "(payload ->> 'survey_user_id')::uuid"

# A quarter's figures are made when it has ended, so that is when the time of its answers begins to run. Answers of past
# quarters come in late, from files; then all that is known of the quarter stays until its figures can have been made,
# as half of it would make wrong ones.
_QUARTER_IS_OVER = (
    "(make_date(left({0}, 4)::int, right({0}, 1)::int * 3 - 2, 1) + interval '3 months') at time zone 'UTC' "
    "< %(before)s and {0} not in ("
    "select payload ->> 'quarter' from raw.survey_answers where observed_at >= %(landed)s "
    "union all select quarter from survey.invitations where noted_at >= %(landed)s)"
)
_ANSWER_IS_OVER = _QUARTER_IS_OVER.format("payload ->> 'quarter'")
# Instants in the payload sort as text, and of each calendar there is an index on them.
_EVENT_IS_OVER = "scope in (select user_id::text from raw.people) and payload ->> 'end' < %(before_text)s"

SPACE_TABLES = (
    PersonalTable("raw", "survey_answers", _RESPONDENT, "respondent", _ANSWER_IS_OVER),
    PersonalTable("raw", "survey_answers_versions", _RESPONDENT, "respondent", _ANSWER_IS_OVER),
    PersonalTable("survey", "submissions", "survey_user_id", "respondent", None),  # the next run lands them
    PersonalTable("survey", "feedback", "survey_user_id", "respondent", None),  # each text has a day of its own
    PersonalTable("survey", "invitations", "survey_user_id", "respondent", _QUARTER_IS_OVER.format("quarter")),
    PersonalTable("raw", "people_settings", "user_id", "person", None),
    PersonalTable("raw", "calendar_events", "scope::uuid", "person", _EVENT_IS_OVER),
    PersonalTable(
        "raw", "calendar_events_versions", "scope::uuid", "person",
        f"replaced_at < %(before)s or ({_EVENT_IS_OVER})",
    ),
    PersonalTable(
        "raw", "calendar_collections", "user_id", "person", "coalesce(known_until, ended_at) < %(before)s"
    ),
    PersonalTable(
        "raw", "rejected_records", _OF_CALENDARS, "person",
        "stream in ('calendar_events', 'survey_answers') and rejected_at < %(before)s",
    ),
    PersonalTable("ingest", "cursors", _OF_CALENDARS, "person", None),
)  # fmt: skip
