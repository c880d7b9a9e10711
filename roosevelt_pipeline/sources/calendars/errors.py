"""What a calendar can refuse. Messages say what to do and hold no address, no title and no token."""


class CalendarError(RuntimeError):
    """A calendar could not be read. Only its owner's days stay unknown."""


class AccessError(CalendarError):
    """What reads calendars is not set up, or no longer valid: no calendar can be read."""


class NotShared(CalendarError):
    """There is no such calendar, or it is not shared with whoever reads it."""


class TokenExpired(CalendarError):
    """What had been read is too old to be read on from: the calendar has to be read whole."""
