"""What a person at a terminal, or a log without one, gets to see while Roosevelt works."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.status import Status

WIDTH_OF_A_LOG = 140


class Narrator:
    """Says what was done, a line each. On a terminal a spinner says what is being done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status: Status | None = None
        encodable = "utf" in (console.encoding or "").lower()
        self._yes, self._no, self._note = ("✓", "✗", "·") if encodable else ("ok", "FAILED", "-")

    def done(self, text: str, seconds: float | None = None) -> None:
        """A line about something that went well, with how long it took."""
        took = f" [dim]({seconds:.1f} s)[/]" if seconds is not None else ""
        self._say(f"[green]{self._yes}[/] {escape(text)}{took}")

    def failed(self, text: str) -> None:
        self._say(f"[red]{self._no}[/] {escape(text)}")

    def note(self, text: str) -> None:
        """A line about something that the user should know, which is no fault."""
        self._say(f"[yellow]{self._note}[/] {escape(text)}")

    def plain(self, text: str = "") -> None:
        self._say(escape(text))

    def working_on(self, text: str) -> None:
        """Change what the spinner says; nothing without a terminal."""
        if self._status:
            self._status.update(escape(text))

    @contextlib.contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show a spinner inside the block, on a terminal alone."""
        if not self.console.is_terminal or self._status:
            yield
            return
        with self.console.status(escape(text)) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None

    @contextlib.contextmanager
    def step(self, doing: str) -> Iterator["Step"]:
        """Time a step; it says what came of it with ``step.result``."""
        step, started = Step(), time.monotonic()
        with self.busy(doing):
            yield step
        if step.result:
            self.done(step.result, time.monotonic() - started)

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)


class Step:
    """What a step found out."""

    result = ""


@contextlib.contextmanager
def narrator(log: Path | None = None) -> Iterator[Narrator]:
    """A narrator on standard output; everything else that is printed inside the block goes to ``log``.

    Libraries and their children write to the same two streams as we do; so that their lines
    do not bury ours, the streams themselves are pointed at the log.
    """
    if log is None:
        yield Narrator(_console())
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with log.open("ab") as target, os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, buffering=1) as screen:
        try:
            for number in (1, 2):
                os.dup2(target.fileno(), number)
            yield Narrator(_console(screen))
        finally:
            for number, handle in zip((1, 2), kept, strict=True):
                with contextlib.suppress(OSError, ValueError):
                    (sys.stdout, sys.stderr)[number - 1].flush()
                os.dup2(handle, number)
                os.close(handle)


def _console(file: IO[str] | None = None) -> Console:
    """A log has no width of its own: there a table is as wide as it needs to be."""
    console = Console(file=file)
    return console if console.is_terminal else Console(file=file, width=WIDTH_OF_A_LOG)


def show_markdown(text: str) -> None:
    """Set in type on a terminal; as it is written anywhere else, so that a file or a pipe gets Markdown."""
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        sys.stdout.write(text)
