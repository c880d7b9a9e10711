"""What people are told: an invitation, and one reminder."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["invitation", "reminder"]


@dataclass(frozen=True)
class Message:
    """A message to one person.

    Attributes:
        number: the same for each try to send it; tells a mail server that it has it already.
        link: where to answer. Whoever has it can answer, so it is shown nowhere else.
    """

    kind: Kind
    number: str
    quarter: str
    link: str
    closes_at: datetime

    @property
    def subject(self) -> str:
        again = "Reminder: " if self.kind == "reminder" else ""
        return f"{again}How is work going? Three questions for {self.quarter}"

    @property
    def text(self) -> str:
        last = self.closes_at - timedelta(seconds=1)
        opening = (
            "A short reminder: the survey is still open, and you have not answered yet. You will hear no more of it."
            if self.kind == "reminder"
            else "Once a quarter we ask how work is going. It takes about two minutes."
        )
        return "\n\n".join(
            (
                opening,
                f"Answer here until {last.day} {last:%B}: {self.link}",
                "The link is for you alone; please do not pass it on. You are asked because you agreed to take part. "
                "Answering is voluntary, and you can stop taking part whenever you like.",
            )
        )
