"""A message as Slack wants it: blocks, within their limits, in which what is data is shown as written."""

from collections.abc import Mapping, Sequence
from typing import Any

from roosevelt_pipeline.alerting.messages import headline
from roosevelt_pipeline.alerting.renderings import (
    ASKS,
    MOST_ITEMS,
    REPEAT,
    cut,
    item_text,
    judging,
    sign_of,
    todo_lines,
    without_images,
)

BUTTONS = {"actionable": "Worth it", "noise": "Noise", "acknowledge": "I see to it", "silence": "Silent for a week"}
_MOST_HEADER, _MOST_SECTION, _MOST_BLOCKS, _MOST_CONTEXT = 150, 3000, 50, 2000
_NOTHING = ("", "-", "–")
Content = Mapping[str, Any]
Block = dict[str, Any]


def as_slack(content: Content, *, is_repeat: bool, has_buttons: bool = False) -> dict[str, Any]:
    """Text and blocks. What is data is plain text, in which Slack sees neither markup, mentions nor links.

    Args:
        has_buttons: somebody hears of those that are pressed.
    """
    if content["kind"] == "note":
        return _note(content, is_repeat=is_repeat)
    title = f"{sign_of(content)} {headline(content)}{REPEAT if is_repeat else ''}"
    shown, more = content["items"][:MOST_ITEMS], len(content["items"]) - MOST_ITEMS
    sections: list[Block] = []
    for item in shown:
        sections.append(_plain(item_text(content, item)))
        sections += [_buttons(item, content["kind"])] if has_buttons else []
    if more > 0:
        sections.append(_plain(f"and {more} more; `roosevelt alerts list` has them all"))
    todo = "\n".join(todo_lines(content))
    links = [] if has_buttons else _judge_links(content, shown)
    blocks = [_header(title), *sections, *([_plain(todo)] if todo else []), *_books(content), *links]
    return {"text": _escaped(title), "blocks": [*blocks[: _MOST_BLOCKS - 1], _context(content, has_buttons)]}


def _note(content: Content, *, is_repeat: bool) -> dict[str, Any]:
    """Whole in the text, where it fits, and in as many blocks as may be."""
    title = headline(content) + (REPEAT if is_repeat else "")
    text = _in_words(without_images(content["text"])).strip().removeprefix(headline(content)).strip()
    parts = [text[at : at + _MOST_SECTION] for at in range(0, len(text), _MOST_SECTION)][: _MOST_BLOCKS - 1]
    return {"text": cut(_escaped(f"{title}\n{text}"), _MOST_SECTION), "blocks": [_header(title), *map(_plain, parts)]}


def _in_words(text: str) -> str:
    """Markdown for readers that see plain text: headings without signs, and of a table a line for each row."""
    lines: list[str] = []
    names: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            names = []
            lines.append(line.lstrip("#").strip() if line.startswith("#") else line)
        elif set(line) - set("|-: "):
            first, *rest = (cell.strip() for cell in line.strip().strip("|").split("|"))
            if names:
                told = [f"{name} {cell}" for name, cell in zip(names, rest, strict=False) if cell not in _NOTHING]
                lines.append(f"{first}: {'; '.join(told)}")
            names = names or [name[:1].lower() + name[1:] for name in rest]
    return "\n".join(lines)


def _header(title: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(title, _MOST_HEADER), "emoji": False}}


def _plain(text: str) -> Block:
    return {"type": "section", "text": {"type": "plain_text", "text": cut(text, _MOST_SECTION), "emoji": False}}


def _buttons(item: Content, kind: str) -> Block:
    """What a reader can say of an alert; of one that is over, only what it was worth."""
    is_open = item.get("news", kind) in ASKS
    names = BUTTONS if is_open else {name: BUTTONS[name] for name in ("actionable", "noise")}
    elements = [
        {"type": "button", "action_id": name, "value": item["alert_id"],
         "text": {"type": "plain_text", "text": text, "emoji": False}}
        for name, text in names.items()
    ]  # fmt: skip
    return {"type": "actions", "elements": elements}


def _books(content: Content) -> Sequence[Block]:
    """Run-books, each once."""
    found = dict.fromkeys(item.get("runbook") or content["runbook"] for item in content["items"])
    links = [f"<{_escaped(one).replace('|', '%7C')}|Run-book>" for one in found if one]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": link}} for link in links[:3]]


def _judge_links(content: Content, shown: Sequence[Content]) -> list[Block]:
    """A link for each alert in one block, as long as it may be. Names are left out: links are no plain text."""
    links = [f"<{item['judge']}|{at}>" for at, item in enumerate(shown, 1) if "judge" in item]
    if not links or content["kind"] not in ("opened", "digest"):
        return []
    text = "Was it worth it? " + (links[0].replace("|1>", "|Judge it>") if len(links) == 1 else " ".join(links))
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}] if len(text) <= _MOST_SECTION else []


def _context(content: Content, has_buttons: bool) -> Block:
    owner = f"Owner: {content['owner']}. " if content["owner"] else ""
    text = owner + (f"Data up to {content['day']}." if has_buttons else judging(content))
    return {"type": "context", "elements": [{"type": "plain_text", "text": cut(text, _MOST_CONTEXT), "emoji": False}]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
