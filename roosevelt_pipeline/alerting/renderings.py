"""A message as mails and PagerDuty want it, and what all channels share: data are shown as written."""

import html
import re
from collections.abc import Mapping
from typing import Any

from roosevelt_pipeline.alerting.messages import NEWS, headline, reading, rules_of

MOST_ITEMS = 20
REPEAT = " (possible repeat)"
ASKS = ("opened", "repeated")
_MOST_SUMMARY = 1024
_SIGNS = {"critical": "\N{LARGE RED CIRCLE}", "warning": "\N{LARGE ORANGE CIRCLE}", "info": "\N{LARGE BLUE CIRCLE}"}
_COLOURS = {"critical": "#c0392b", "warning": "#d9822b", "info": "#2f6fb3"}
_CALM, _CALM_COLOUR = "\N{WHITE HEAVY CHECK MARK}", "#2e7d4f"
_EVENTS = {"opened": "trigger", "repeated": "trigger", "recovered": "resolve", "expired": "resolve"}
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n*")
Content = Mapping[str, Any]


def as_text(content: Content, *, is_repeat: bool) -> tuple[str, str]:
    """Subject and text of an e-mail."""
    if content["kind"] == "note":
        return headline(content) + (REPEAT if is_repeat else ""), without_images(content["text"])
    shown, rest = content["items"][:MOST_ITEMS], content["items"][MOST_ITEMS:]
    lines = [item_text(content, item) + _judge_text(item) for item in shown]
    lines += ["\n".join(_name(content, item) + item["said"] for item in rest)] if rest else []
    lines += todo_lines(content)
    lines += [f"{name}: {content[key]}" for name, key in (("Run-book", "runbook"), ("Owner", "owner")) if content[key]]
    lines.append(judging(content))
    return f"[{content['severity']}] {headline(content)}{REPEAT if is_repeat else ''}", "\n\n".join(lines) + "\n"


def as_html(content: Content, chart: str | None = None) -> str:
    """The same as a page for mail programs, which reads well on a phone.

    Args:
        chart: address of a picture that the mail brings along.
    """
    if content["kind"] == "note":
        return content["html"] or f"<pre>{html.escape(content['text'])}</pre>"
    is_open = content["kind"] in (*ASKS, "digest")
    colour = _COLOURS[content["severity"]] if is_open else _CALM_COLOUR
    shown, rest = content["items"][:MOST_ITEMS], content["items"][MOST_ITEMS:]
    rows = "".join([*(_item_html(content, item) for item in shown), *(_line_html(content, item) for item in rest)])
    todo = "".join(f'<p style="margin:0 0 10px">{html.escape(line)}</p>' for line in todo_lines(content))
    link = content["runbook"]
    book = f'<p style="margin:0 0 10px"><a href="{html.escape(link, quote=True)}">Run-book</a></p>' if link else ""
    shape = 'width="520" style="width:100%;max-width:520px;height:auto;margin:0 0 14px"'
    image = f'<img src="{chart}" alt="the weeks before" {shape}>' if chart else ""
    owner = f"Owner: {html.escape(content['owner'])}. " if content["owner"] else ""
    return (
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<div style="font-family:system-ui,-apple-system,Segoe UI,sans-serif;font-size:15px;line-height:1.45;'
        f'max-width:600px;color:#222;border-left:4px solid {colour};padding:2px 0 2px 14px">'
        f'<h2 style="font-size:18px;line-height:1.3;margin:0 0 12px">{html.escape(headline(content))}</h2>'
        f'{rows}{image}{todo}{book}<p style="font-size:12px;color:#777;margin:12px 0 0">{owner}'
        f"{html.escape(judging(content))}</p></div>"
    )


def as_pagerduty(content: Content, routing_key: str, dedup_key: str) -> dict[str, Any]:
    """An event of the Events API, version 2."""
    item = content["items"][0]
    return {
        "routing_key": routing_key, "event_action": _EVENTS[content["kind"]], "dedup_key": dedup_key,
        "payload": {
            "summary": cut(f"{headline(content)}: {item['said']}", _MOST_SUMMARY), "source": item["scope"],
            "severity": content["severity"], "component": item["label"], "group": item["scope_type"],
            "class": content["rule"],
            "custom_details": {"what to do": content["says"], "evidence": item["opened_by"], "day": content["day"]},
        },
        "links": [{"href": content["runbook"], "text": "Run-book"}] if content["runbook"] else [],
    }  # fmt: skip


def item_text(content: Content, item: Content) -> str:
    """An alert in a few lines: where and which, as far as the headline does not say; what was found; how to look."""
    value = reading(item)
    lines = [_name(content, item) + item["said"], f"{f'{value}, ' if value else ''}since {item['opened']}"]
    return "\n".join([*lines, item["opened_by"]])


def todo_lines(content: Content) -> list[str]:
    """What to do, for each rule that asks for something."""
    if content["kind"] not in (*ASKS, "digest"):
        return []
    if len(rules_of(content)) == 1 and content["kind"] != "digest":
        return [f"What to do: {content['says']}"]
    asked = {item["rule"]: item["says"] for item in content["items"] if item.get("news", content["kind"]) in ASKS}
    return [f"{_spoken(rule)}: {says}" for rule, says in asked.items()]


def sign_of(content: Content) -> str:
    """A sign that can be told from afar."""
    return _SIGNS[content["severity"]] if content["kind"] in (*ASKS, "digest") else _CALM


def judging(content: Content) -> str:
    """How recent it is, and how to say what it was worth where no link asks."""
    if any("judge" in item for item in content["items"]):
        return f"Data up to {content['day']}."
    number = content["items"][0]["alert_id"][:8]
    return f"Data up to {content['day']}. Was it worth it? roosevelt alerts judge {number}"


def without_images(text: str) -> str:
    return _IMAGE.sub("", text)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _name(content: Content, item: Content) -> str:
    parts = [NEWS[item["news"]]] if "news" in item else []
    parts += [item["scope"]] if len(content["items"]) > 1 or content["kind"] == "digest" else []
    parts += [_spoken(item["rule"])] if len(rules_of(content)) > 1 or content["kind"] == "digest" else []
    return "".join(f"{part}: " for part in parts)


def _spoken(rule: str) -> str:
    return rule.replace("_", " ").capitalize()


def _judge_text(item: Content) -> str:
    return f"\nWas it worth it? {item['judge']}" if "judge" in item else ""


def _item_html(content: Content, item: Content) -> str:
    name, value = _name(content, item), reading(item)
    title = f"<b>{html.escape(name.rstrip(': '))}</b><br>" if name else ""
    since = html.escape(f"{f'{value}, ' if value else ''}since {item['opened']}")
    judge = item.get("judge")
    link = f'<br><a href="{html.escape(judge, quote=True)}">Was it worth it?</a>' if judge else ""
    command = html.escape(item["opened_by"])
    return (
        f'<p style="margin:0 0 14px">{title}{html.escape(item["said"])}<br><span style="color:#555">{since}</span><br>'
        f'<code style="font-size:12px;color:#555;word-break:break-word">{command}</code>{link}</p>'
    )


def _line_html(content: Content, item: Content) -> str:
    """One of very many: where, and what was found."""
    name, judge = html.escape(_name(content, item)), item.get("judge")
    link = f' <a href="{html.escape(judge, quote=True)}">Worth it?</a>' if judge else ""
    return f'<p style="font-size:13px;margin:0 0 6px"><b>{name}</b>{html.escape(item["said"])}{link}</p>'
