"""All questions about a scope, in the order of their kinds."""

from collections.abc import Sequence

from roosevelt_pipeline.stats.insights.changes import Changes, bottleneck, slower_when_larger
from roosevelt_pipeline.stats.insights.parameters import Parameters
from roosevelt_pipeline.stats.insights.questions import Question, Scope
from roosevelt_pipeline.stats.insights.trends import trend
from roosevelt_pipeline.stats.insights.weekdays import Deployments, failing_weekday, safest_window
from roosevelt_pipeline.stats.insights.weeks import Weeks, last_week


def ask_of_deployments(of: Scope, deployments: Deployments, parameters: Parameters) -> list[Question]:
    """When do they fail?"""
    return [failing_weekday(of, deployments, parameters), safest_window(of, deployments, parameters)]


def ask_of_weeks(of: Scope, metrics: Sequence[Weeks], newest: int, parameters: Parameters) -> list[Question]:
    """What did the newest week change, and where has half a year led?"""
    return [ask(of, weeks, newest, parameters) for weeks in metrics for ask in (last_week, trend)]


def ask_of_changes(of: Scope, changes: Changes, parameters: Parameters) -> list[Question]:
    """What goes with a long lead time, and which stage takes it?"""
    by_size = [slower_when_larger(kind, of, changes, parameters) for kind in changes.sizes]
    return [*by_size, bottleneck(of, changes, parameters)]
