"""The pages of the form: plain HTML without a script, so that every browser and screen reader can use them."""

from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from roosevelt_pipeline.sources.surveys.answers import LONGEST_FEEDBACK

STYLE_PATH = "/survey/style.css"
SATISFACTION_WORDS = ("very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
_TEMPLATES = Environment(
    loader=PackageLoader("roosevelt_pipeline.web.survey", "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page, filled in. Whatever it shows is escaped."""
    shared = {"style": STYLE_PATH, "most_characters": LONGEST_FEEDBACK, "satisfaction_words": SATISFACTION_WORDS}
    return HTMLResponse(_TEMPLATES.get_template(f"{name}.html").render(shared | values), status, HEADERS)


def message(title: str, text: str, status: int) -> Response:
    """A page that only says something."""
    return page("message", status, title=title, text=text)


def style() -> Response:
    text = (files("roosevelt_pipeline.web.survey") / "templates" / "style.css").read_text(encoding="utf-8")
    return Response(text, headers=HEADERS | {"Cache-Control": "max-age=3600"}, media_type="text/css")


def written(moment: datetime) -> str:
    """A day in words, such as 22 April 2026; of a closing, the last day on which one can still answer."""
    return f"{moment.day} {moment:%B %Y}"
