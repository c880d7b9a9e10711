"""Names of scopes in rules that nothing measured has: a mistake in one would silence a rule for ever."""

from typing import Any

import psycopg

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.sections import suggestion
from roosevelt_pipeline.settings import Settings

_KNOWN = "select distinct scope_type, scope from marts.fct_metric_windows"


def unknown_scopes(connection: "psycopg.Connection[Any]", settings: Settings) -> dict[str, list[str]]:
    """By rule, what is wrong with its scopes: which key, and the nearest name there is. Patterns are left alone."""
    known = connection.execute(_KNOWN).fetchall()
    found = {}
    for index, rule in enumerate(settings.alerts.rules):
        if told := [_told(index, rule, name, known) for name in rule.scopes if _is_unknown(rule, name, known)]:
            found[rule.name] = told
    return found


def _is_unknown(rule: AlertRule, name: str, known: list[tuple[Any, ...]]) -> bool:
    if not rule.enabled or "*" in name or "?" in name:
        return False
    return not any(scope.lower() == name.lower() and scope_type in rule.scope_types for scope_type, scope in known)


def _told(index: int, rule: AlertRule, name: str, known: list[tuple[Any, ...]]) -> str:
    names = sorted({scope for scope_type, scope in known if scope_type in rule.scope_types})
    kinds = " or ".join(rule.scope_types)
    return f"alerts.rules.{index}.scopes: there is no {kinds} {name!r}{suggestion(name, names)}"
