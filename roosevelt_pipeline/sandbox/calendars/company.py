"""The simulated company's calendars, as Google keeps them."""

from datetime import datetime

from roosevelt_pipeline.sandbox.calendars.book import Doc
from roosevelt_pipeline.sandbox.state import SandboxState


class CompanyCalendars:
    """Reads the sandbox's store, whichever day it has come to."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state

    def documents(self, calendar_id: str) -> list[Doc] | None:
        """Events of a calendar. Everybody who has an account of the company and a team has one, however empty."""
        found = self._state.store.docs("select doc from calendar_events where calendar = ? order by id", [calendar_id])
        return found if found or self._exists(calendar_id) else None

    def present(self) -> datetime:
        return self._state.present()

    def _exists(self, calendar_id: str) -> bool:
        accounts = self._state.store.docs("select doc from accounts where kind = 'User'")
        return any(doc["email"] == calendar_id and doc["team"] for doc in accounts)
