"""How good the alerts were, by what their readers said of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from roosevelt_pipeline.alerting.rules import number
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TARGET_RATIO, LEAST_VERDICTS, RETIRE_RATIO = 0.8, 5, 0.5
_QUERY = """
    with judged as (
        select distinct on (alert_id) alert_id, verdict from delivery.alert_verdicts order by alert_id, verdict_id desc
    )
    select
        rule, count(*), count(verdict), count(*) filter (where verdict = 'actionable'),
        max(chance) filter (where verdict = 'actionable')
    from delivery.alerts
    left join judged using (alert_id)
    where opened_at > %s and told_date is not null
    group by rule
    order by rule
"""


@dataclass(frozen=True)
class Accuracy:
    """Of one rule: alerts that were told, judged, and found actionable.

    Attributes:
        highest_useful: largest chance of an alert that was actionable; missing where the rule asks no test.
    """

    rule: str
    told: int
    judged: int
    actionable: int
    highest_useful: float | None

    @property
    def precision(self) -> float | None:
        """Missing below five verdicts: three of four prove nothing."""
        return self.actionable / self.judged if self.judged >= LEAST_VERDICTS else None

    @property
    def advice(self) -> str:
        if self.precision is None:
            return f"too few verdicts ({LEAST_VERDICTS} are needed)"
        if self.precision > TARGET_RATIO:
            return "keep"
        if self.precision < RETIRE_RATIO and not self.highest_useful:
            return "retire it, or raise its threshold"
        if self.highest_useful:
            return f"chance = {self.highest_useful:.2g} would have kept all that was actionable"
        return "raise its threshold or for_days; `roosevelt alerts preview` shows what that does"


def read_accuracy(warehouse: Warehouse, now: datetime, days: int = 90) -> list[Accuracy]:
    """Of the alerts that opened in the last days, rule by rule."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        return [Accuracy(*row) for row in connection.execute(_QUERY, [now - timedelta(days=days)])]


def as_markdown(found: list[Accuracy]) -> str:
    lines = ["| Rule | Told | Judged | Actionable | Precision | Advice |", "| --- | --- | --- | --- | --- | --- |"]
    for one in found:
        precision = "-" if one.precision is None else number(100 * one.precision, "percent")
        lines.append(f"| {one.rule} | {one.told} | {one.judged} | {one.actionable} | {precision} | {one.advice} |")
    judged, actionable = sum(one.judged for one in found), sum(one.actionable for one in found)
    share = number(100 * actionable / judged, "percent") if judged else ""
    total = f"{share} of {judged} judged alerts were actionable" if judged else "No verdicts yet"
    return "\n".join([*lines, "", f"{total}; the target is more than {number(100 * TARGET_RATIO, 'percent')}."]) + "\n"
