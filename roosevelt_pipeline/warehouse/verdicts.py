"""The verdict page's side of the database: what an alert is about, and a verdict on it. It sees no table."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from roosevelt_pipeline.warehouse.doorways import Doorway


@dataclass(frozen=True)
class ToJudge:
    """An alert, as a reader of its message knows it."""

    rule: str
    scope: str
    said: str
    is_used: bool


class Ballot(Doorway):
    """Where verdicts are dropped in."""

    purpose = "a verdict was refused"

    def asked(self, alert_id: UUID, link_sha: bytes) -> ToJudge | None:
        """What the alert is about, and whether the link was used; missing if there is no such alert.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        row = self.use(
            lambda connection: connection.execute(
                "select rule, scope, said, is_used from delivery.alert_to_judge(%s, %s)", (alert_id, link_sha)
            ).fetchone()
        )
        return ToJudge(*row) if row else None

    def judge(self, alert_id: UUID, verdict: str, link_sha: bytes) -> bool:
        """Drop a verdict in. False if the link was used before.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        row = self.use(
            lambda connection: connection.execute(
                "select delivery.judge_by_link(%s, %s, %s)", (alert_id, verdict, link_sha)
            ).fetchone()
        )
        return bool(row and row[0])

    def press(self, alert_id: UUID, action: str, by: str, request_sha: bytes, until: datetime) -> str:
        """Press a button on an alert: what became of it, in a word: done, repeated, ended or unknown.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        row = self.use(
            lambda connection: connection.execute(
                "select delivery.press_alert_button(%s, %s, %s, %s, %s)", (alert_id, action, by, request_sha, until)
            ).fetchone()
        )
        return str(row[0]) if row else "unknown"
