"""Asking until there is an answer: leave from the governor, one of the pool, a verdict, and what follows from it."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import requests

from roosevelt_pipeline.governor import Governor, Permit, Refusal, Resource, Told
from roosevelt_pipeline.sources.github.answers import Answer, Trouble, pause, what_it_told
from roosevelt_pipeline.sources.github.apps import DeclinedError
from roosevelt_pipeline.sources.github.clock import Clock
from roosevelt_pipeline.sources.github.errors import BudgetError, TokenError, UnavailableError
from roosevelt_pipeline.sources.github.tokens import Member, TokenPool

TRIES = 5
TRIES_OF_THE_SMALLEST_PAGE = 3
LONGEST_BACK_OFF_SECONDS = 30.0
LEASE_MARGIN_SECONDS = 15.0
FIRST_GLANCE_SECONDS, LAST_GLANCE_SECONDS = 0.002, 0.05  # between two looks at a governor that is busy


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        subject: what it is about, for messages.
        prepare: gives the predicted price and what sends it; anew before each try, as pages become smaller.
        judge: what is wrong with an answer.
        lighten: makes the next try ask for less; ``False`` if there is no less.
    """

    resource: Resource
    subject: str
    prepare: Callable[[], tuple[int, Callable[[str], Answer]]]
    judge: Callable[[Answer], Trouble | None]
    lighten: Callable[[], bool]


class Asker:
    """Asks for all threads of one client."""

    def __init__(
        self,
        pool: TokenPool,
        governor: Governor,
        clock: Clock,
        timeout: float,
        longest_wait: float,
        on_wait: Callable[[str, float], None],
        on_priced: Callable[[int, int], None],
    ) -> None:
        """Tell ``on_wait`` of waits before they begin, and ``on_priced`` of predicted and billed points."""
        self._pool, self._governor, self._clock = pool, governor, clock
        self._lease = 2 * timeout + LEASE_MARGIN_SECONDS  # an App may need a token first
        self._longest_wait = longest_wait
        self._on_wait, self._on_priced = on_wait, on_priced
        self._settled = threading.Condition()

    def ask(self, question: Question) -> Answer:
        """Ask, as often as it is right to.

        Raises:
            GitHubError: see its subclasses.
            Halted: the clock was halted.
        """
        attempt = _Attempt(question, self._longest_wait)
        while True:
            points, send = question.prepare()
            member, permit = self._leave(attempt, points)
            answer, trouble = self._try(question, member, permit, send)
            if answer is not None and trouble is None:
                return answer
            assert trouble is not None
            if trouble.error is TokenError:
                self._pool.refuse(member, trouble.message)
            elif trouble.kind == "final":
                raise trouble.error(f"{question.subject}: {trouble.message}")
            elif trouble.kind != "limit":
                self._back_off(member, attempt.next_pause(trouble), trouble, question)

    def _try(
        self, question: Question, member: Member, permit: Permit, send: Callable[[str], Answer]
    ) -> tuple[Answer | None, Trouble | None]:
        told, answer = Told(), None
        try:
            answer = send(member.authority.authorization())
            trouble = question.judge(answer)
            told = what_it_told(answer, permit.resource, trouble)
            if trouble is None or trouble.error is not TokenError:
                self._pool.worked(member)
            if told.billed is not None:
                self._on_priced(permit.points, told.billed)
        except DeclinedError as error:
            told, trouble = Told(hold=pause(error.trouble)), error.trouble
        except TokenError as error:
            told, trouble = Told(answered=True), Trouble("final", str(error), error=TokenError)
        except requests.RequestException as error:
            trouble = _unanswered(error, question, member.account.host)
        finally:
            self._governor.settle(permit, told)
            with self._settled:
                self._settled.notify_all()
        return answer, trouble

    def _leave(self, attempt: "_Attempt", points: int) -> tuple[Member, Permit]:
        """Leave for a request from the first of the pool that has it, however long that takes within reason."""
        glance = FIRST_GLANCE_SECONDS
        while True:
            self._clock.check()
            refusals: list[tuple[Refusal, Member]] = []
            for member in self._pool.usable():
                got = self._governor.admit(member.account, attempt.question.resource, points, self._lease)
                if isinstance(got, Permit):
                    return member, got
                refusals.append((got, member))
            refusal, member = min(refusals, key=lambda one: one[0].seconds)
            if refusal.kind == "limit":
                self._wait_for_limit(attempt, refusal, member)
            elif refusal.kind == "pace":
                threading.Event().wait(refusal.seconds)
            else:
                with self._settled:
                    self._settled.wait(glance)
                glance = min(2 * glance, LAST_GLANCE_SECONDS)

    def _wait_for_limit(self, attempt: "_Attempt", refusal: Refusal, member: Member) -> None:
        seconds = float(math.ceil(refusal.seconds))
        subject, about = attempt.question.subject, f"{refusal.reason} ({member.account.label})"
        if not attempt.may_wait(seconds):
            raise BudgetError(
                f"{subject}: {about}, and it would take {seconds / 60:.0f} min; run again then, "
                f"or raise github.longest_wait_minutes"
            )
        self._wait(member, subject, about, seconds)

    def _back_off(self, member: Member, seconds: float, trouble: Trouble, question: Question) -> None:
        self._wait(member, question.subject, trouble.message, seconds)

    def _wait(self, member: Member, subject: str, reason: str, seconds: float) -> None:
        self._on_wait(f"{subject}: {reason}", seconds)
        with self._governor.waiting(member.account, subject, reason, seconds):
            self._clock.sleep(seconds)


class _Attempt:
    """One question's patience."""

    def __init__(self, question: Question, longest_wait: float) -> None:
        self.question = question
        self._patience = longest_wait
        self._pauses = self._failures = 0

    def may_wait(self, seconds: float) -> bool:
        """Whether so long a limit may be waited for; it then has been."""
        self._patience -= seconds
        return self._patience >= 0

    def next_pause(self, trouble: Trouble) -> float:
        """Seconds until the next try.

        Raises:
            UnavailableError: there have been enough.
        """
        self._pauses += 1
        is_lighter = trouble.kind == "heavy" and self.question.lighten()
        self._failures += not is_lighter
        if self._failures >= (TRIES_OF_THE_SMALLEST_PAGE if trouble.kind == "heavy" else TRIES):
            size = ", even for the smallest page" if trouble.kind == "heavy" else ""
            raise UnavailableError(
                f"{self.question.subject}: {trouble.message}{size}, {self._failures} times in a row; "
                f"nothing was skipped; try again later"
            )
        return min(2.0 ** (self._pauses - 1), LONGEST_BACK_OFF_SECONDS)


def _unanswered(error: requests.RequestException, question: Question, host: str) -> Trouble:
    """Its text may hold the address with its query, or a header: only its kind is told."""
    is_late = isinstance(error, requests.Timeout) and not isinstance(error, requests.ConnectTimeout)
    kind = "heavy" if is_late and question.resource == "graphql" else "transient"
    return Trouble(kind, f"no answer from {host} ({type(error).__name__})")  # type: ignore[arg-type]
