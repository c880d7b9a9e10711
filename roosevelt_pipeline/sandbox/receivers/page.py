"""The page that shows what arrived, much as those who get it would see it."""

import json
import re
from html import escape
from typing import Any

from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals, Arrived

_LINK = re.compile(r"&lt;(https?://[^|&]+(?:&amp;[^|&]+)*)\|([^&]+)&gt;")
_NAMES = {"slack": "Slack", "email": "E-mail", "pagerduty": "PagerDuty", "webhook": "Webhook"}
# As tall as the mail is; it may run no script of its own.
_GROWING = 'sandbox="allow-popups allow-same-origin" onload="grow(this)"'
_GROW = (
    "<script>function grow(frame){const fit=()=>{frame.style.height='0';"
    "frame.style.height=frame.contentDocument.documentElement.scrollHeight+16+'px'};"
    "fit();addEventListener('resize',fit)}</script>"
)
_MOST_LISTED = 30
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:680px;margin:0 auto;padding:16px;color:#1d1c1d;"
    "background:#f4f4f6}h1{font-size:20px;margin:8px 0 4px}article{background:#fff;border:1px solid #dcdce0;"
    "border-radius:8px;padding:12px 16px;margin:12px 0;overflow-wrap:anywhere}article>small{color:#616061}"
    "h2{font-size:17px;margin:6px 0}p{margin:6px 0;white-space:pre-line}.context{color:#616061;font-size:13px}"
    "button{font:inherit;font-size:14px;background:#fff;border:1px solid #bbb;border-radius:6px;padding:4px 10px;"
    "margin:2px 6px 2px 0;cursor:pointer}button.primary{background:#007a5a;color:#fff;border-color:#007a5a}"
    "button.danger{color:#e01e5a;border-color:#e01e5a}form{display:inline}img{max-width:100%;margin-top:8px}"
    "iframe{width:100%;border:0;min-height:160px}pre{white-space:pre-wrap;font-size:12px}a{color:#1264a3}"
    "ul{padding-left:18px;overflow-wrap:anywhere}li{margin:4px 0}small{color:#616061}"
    ".refused{border-left:4px solid #e01e5a}"
)


def page(arrivals: Arrivals, has_buttons: bool) -> str:
    """All that arrived, newest first."""
    cards = "".join(_card(arrivals, one, has_buttons) for one in arrivals.kept)
    said = "".join(f"<p class=context>{escape(one)}</p>" for one in arrivals.answers)
    hint = "" if arrivals.kept else "<p>Nothing yet. Alerts arrive here once one opens.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>What arrived</title>'
        f"<style>{_STYLE}</style>{_GROW}"
        f"<h1>What arrived</h1><p class=context>The demo's Slack, mail server, PagerDuty and "
        f"webhook. Newest first; reload for more.</p>{said}{hint}{_contents(arrivals)}{cards}</html>"
    )


def _contents(arrivals: Arrivals) -> str:
    """A line for each message that was taken, which leads to it: an alert may be far down."""
    taken = [one for one in arrivals.kept if one.status < 400][:_MOST_LISTED]
    lines = "".join(
        f'<li><a href="#m{one.number}">{escape(_title(one))}</a> <small>{_NAMES[one.channel]}</small></li>'
        for one in taken
    )
    return f"<ul>{lines}</ul>" if len(taken) > 1 else ""


def _title(one: Arrived) -> str:
    body = one.body
    if one.channel == "email":
        return str(body["subject"])
    if one.channel == "pagerduty":
        return f"{body['event_action']}: {(body.get('payload') or {}).get('summary') or body['dedup_key']}"
    if one.channel == "webhook":
        return f"{body.get('kind', '')}: {body.get('rule', '')}"
    return one.text.partition("\n")[0]


def _card(arrivals: Arrivals, one: Arrived, has_buttons: bool) -> str:
    is_refused = one.status >= 400
    inside = f"<p>{escape(one.text)}</p>" if is_refused else _INSIDES[one.channel](arrivals, one, has_buttons)
    again = "; it is tried again" if _is_passing(one) else ""
    state = f"refused ({one.status}){again}" if is_refused else ""
    mark = ' class="refused"' if is_refused else ""
    return f"<article{mark} id=m{one.number}><small>{_NAMES[one.channel]} {state}</small>{inside}</article>"


def _is_passing(one: Arrived) -> bool:
    """Whether who sends it does well to try again."""
    return one.status < 500 if one.channel == "email" else one.status == 429 or one.status >= 500


def _slack(arrivals: Arrivals, one: Arrived, has_buttons: bool) -> str:
    blocks = "".join(_block(block, has_buttons, one.number) for block in one.body.get("blocks", []))
    files = "".join(f'<img alt="chart" src="file/{number}">' for number in one.body.get("files", [])
                    if number in arrivals.files)  # fmt: skip
    return (blocks or f"<p>{escape(one.text)}</p>") + files


def _block(block: dict[str, Any], has_buttons: bool, number: int) -> str:
    if block["type"] == "divider":
        return "<hr>"
    if block["type"] == "header":
        return f"<h2>{escape(block['text']['text'])}</h2>"
    if block["type"] == "context":
        return f'<p class="context">{" ".join(_text(part) for part in block["elements"])}</p>'
    if block["type"] == "actions":
        return f"<p>{''.join(_button(part, has_buttons, number) for part in block['elements'])}</p>"
    return f"<p>{_text(block['text'])}</p>"


def _button(button: dict[str, Any], has_buttons: bool, number: int) -> str:
    value = escape(json.dumps([button["action_id"], button.get("value", "")]), quote=True)
    off = "" if has_buttons else " disabled"
    return (
        f'<form method="post" action="press"><input type="hidden" name="number" value="{number}">'
        f'<button name="pressed" value="{value}" class="{button.get("style", "")}"{off}>'
        f"{escape(button['text']['text'])}</button></form>"
    )


def _text(text: dict[str, Any]) -> str:
    shown = escape(text["text"], quote=False)
    if text["type"] != "mrkdwn":
        return shown
    # Slack's own escapes are in the text already.
    shown = shown.replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;").replace("&amp;amp;", "&amp;")
    return _LINK.sub(r'<a href="\1">\2</a>', shown)


def _email(_arrivals: Arrivals, one: Arrived, _has_buttons: bool) -> str:
    body = one.body
    return (
        f'<p class="context">To {escape(body["to"])}</p><h2>{escape(body["subject"])}</h2>'
        f'<iframe {_GROWING} srcdoc="{escape(body["html"], quote=True)}" title="the mail"></iframe>'
        f"<details><summary>As text</summary><pre>{escape(body['text'])}</pre></details>"
    )


def _pagerduty(arrivals: Arrivals, one: Arrived, has_buttons: bool) -> str:
    key = one.body["dedup_key"]
    state = arrivals.incidents.get(key, "")
    summary = (one.body.get("payload") or {}).get("summary") or key
    button = ""
    if has_buttons and one.body["event_action"] == "trigger" and state == "triggered":
        button = (
            f'<form method="post" action="acknowledge"><button name="key" value="{escape(key, quote=True)}">'
            "Acknowledge</button></form>"
        )
    event = escape(one.body["event_action"])
    return f"<h2>{escape(summary)}</h2><p class=context>{event}; the incident is {escape(state)}</p>{button}"


def _webhook(_arrivals: Arrivals, one: Arrived, _has_buttons: bool) -> str:
    title = escape(f"{one.body.get('kind', '')}: {one.body.get('rule', '')}")
    return f"<h2>{title}</h2><details><summary>JSON</summary><pre>{escape(one.text)}</pre></details>"


_INSIDES = {"slack": _slack, "email": _email, "pagerduty": _pagerduty, "webhook": _webhook}
