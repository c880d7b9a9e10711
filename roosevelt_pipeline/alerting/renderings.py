"""A message as each channel wants it: within its limits, and with what is data shown as written."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from roosevelt_pipeline.alerting.messages import headline, reading

_MOST_HEADER, _MOST_SECTION, _MOST_BLOCKS, _MOST_SUMMARY = 150, 3000, 50, 1024
_MOST_ITEMS = 20
_SIGNS = {"critical": "\N{LARGE RED CIRCLE}", "warning": "\N{LARGE ORANGE CIRCLE}", "info": "\N{LARGE BLUE CIRCLE}"}
_CALM = "\N{WHITE HEAVY CHECK MARK}"
_EVENTS = {"opened": "trigger", "repeated": "trigger", "recovered": "resolve", "expired": "resolve"}
_REPEAT = " (possible repeat)"
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n*")
Content = Mapping[str, Any]


def as_slack(content: Content, *, is_repeat: bool) -> dict[str, Any]:
    """Text and blocks. What is data is plain text, in which Slack sees neither markup, mentions nor links."""
    if content["kind"] == "note":
        return _note_for_slack(content, is_repeat=is_repeat)
    title = f"{_sign(content)} {headline(dict(content))}{_REPEAT if is_repeat else ''}"
    shown, more = content["items"][:_MOST_ITEMS], len(content["items"]) - _MOST_ITEMS
    sections = [_plain(_item_text(item, len(content["items"]) > 1)) for item in shown]
    if more > 0:
        sections.append(_plain(f"and {more} more; `roosevelt alerts list` has them all"))
    foot = [_plain(f"What to do: {content['says']}")] if content["kind"] in ("opened", "repeated") else []
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(title, _MOST_HEADER), "emoji": False}},
        *sections, *foot, *_links(content), _context(content),
    ]  # fmt: skip
    judged = _judge_links(content, shown)
    blocks[-1:-1] = judged[: _MOST_BLOCKS - len(blocks)]
    return {"text": _escaped(title), "blocks": blocks[:_MOST_BLOCKS]}


def _note_for_slack(content: Content, *, is_repeat: bool) -> dict[str, Any]:
    """Whole in the text, where it fits, and in as many blocks as may be."""
    title = headline(dict(content)) + (_REPEAT if is_repeat else "")
    text = _without_images(content["text"]).strip()
    parts = [text[at : at + _MOST_SECTION] for at in range(0, len(text), _MOST_SECTION)][: _MOST_BLOCKS - 1]
    header = {"type": "header", "text": {"type": "plain_text", "text": _cut(title, _MOST_HEADER), "emoji": False}}
    return {"text": _cut(_escaped(f"{title}\n{text}"), _MOST_SECTION), "blocks": [header, *map(_plain, parts)]}


def _without_images(text: str) -> str:
    return _IMAGE.sub("", text)


def as_text(content: Content, *, is_repeat: bool) -> tuple[str, str]:
    """Subject and text of an e-mail."""
    if content["kind"] == "note":
        return headline(dict(content)) + (_REPEAT if is_repeat else ""), _without_images(content["text"])
    lines = [_item_text(item, True, with_link=content["kind"] == "opened") for item in content["items"]]
    if content["kind"] in ("opened", "repeated"):
        lines.append(f"What to do: {content['says']}")
    lines += [f"{name}: {content[key]}" for name, key in (("Run-book", "runbook"), ("Owner", "owner")) if content[key]]
    lines.append(_judging(content))
    return f"[{content['severity']}] {headline(dict(content))}{_REPEAT if is_repeat else ''}", "\n\n".join(lines) + "\n"


def as_html(content: Content) -> str:
    """The same as a page for mail programs, which reads well on a phone."""
    if content["kind"] == "note":
        return content["html"] or f"<pre>{html.escape(content['text'])}</pre>"
    rows = "".join(
        f'<p style="margin:0 0 14px"><b>{html.escape(str(item["scope"]))}</b><br>{html.escape(item["said"])}<br>'
        f'<code style="font-size:12px;color:#555;word-break:break-all">{html.escape(item["opened_by"])}</code>'
        f"{_judge_html(item)}</p>"
        for item in content["items"]
    )
    todo = (
        f"<p><b>What to do:</b> {html.escape(content['says'])}</p>" if content["kind"] in ("opened", "repeated") else ""
    )
    link = content["runbook"]
    book = f'<p><a href="{html.escape(link, quote=True)}">Run-book</a></p>' if link else ""
    return (
        '<div style="font-family:sans-serif;font-size:15px;line-height:1.45;max-width:600px;color:#222">'
        f'<h2 style="font-size:18px;margin:0 0 14px">{html.escape(headline(dict(content)))}</h2>{rows}{todo}{book}'
        f'<p style="font-size:12px;color:#777">{html.escape(_judging(content))}</p></div>'
    )


def _judge_html(item: Content) -> str:
    return f'<br><a href="{html.escape(item["judge"], quote=True)}">Was it worth it?</a>' if "judge" in item else ""


def as_pagerduty(content: Content, routing_key: str, dedup_key: str) -> dict[str, Any]:
    """An event of the Events API, version 2."""
    item = content["items"][0]
    return {
        "routing_key": routing_key, "event_action": _EVENTS[content["kind"]], "dedup_key": dedup_key,
        "payload": {
            "summary": _cut(f"{headline(dict(content))}: {item['said']}", _MOST_SUMMARY), "source": item["scope"],
            "severity": content["severity"], "component": item["label"], "group": item["scope_type"],
            "class": content["rule"],
            "custom_details": {"what to do": content["says"], "evidence": item["opened_by"], "day": content["day"]},
        },
        "links": [{"href": content["runbook"], "text": "Run-book"}] if content["runbook"] else [],
    }  # fmt: skip


def _sign(content: Content) -> str:
    return _SIGNS[content["severity"]] if content["kind"] in ("opened", "repeated") else _CALM


def _item_text(item: Content, with_name: bool, *, with_link: bool = False) -> str:
    name = f"{item['scope']}: " if with_name else ""
    value = reading(dict(item))
    judged = f"\nWas it worth it? {item['judge']}" if with_link and "judge" in item else ""
    return f"{name}{item['said']}\n{f'{value}, ' if value else ''}since {item['opened']}\n{item['opened_by']}{judged}"


def _plain(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": _cut(text, _MOST_SECTION), "emoji": False}}


def _links(content: Content) -> Sequence[dict[str, Any]]:
    if not content["runbook"]:
        return ()
    address = _escaped(content["runbook"]).replace("|", "%7C")
    return ({"type": "section", "text": {"type": "mrkdwn", "text": f"<{address}|Run-book>"}},)


def _judge_links(content: Content, shown: Sequence[Content]) -> list[dict[str, Any]]:
    """A link for each alert in one block, as long as it may be. Names are left out: links are no plain text."""
    links = [f"<{item['judge']}|{at}>" for at, item in enumerate(shown, 1) if "judge" in item]
    if not links or content["kind"] != "opened":
        return []
    text = "Was it worth it? " + (links[0].replace("|1>", "|Judge it>") if len(links) == 1 else " ".join(links))
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}] if len(text) <= _MOST_SECTION else []


def _context(content: Content) -> dict[str, Any]:
    owner = f"Owner: {content['owner']}. " if content["owner"] else ""
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": _cut(owner + _judging(content), 2000), "emoji": False}],
    }


def _judging(content: Content) -> str:
    return f"Data up to {content['day']}. Was it worth it? roosevelt alerts judge {content['items'][0]['alert_id'][:8]}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
