"""A ticket: the texts of one request on their way through the queue, and the promise of their parses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jointbert.errors import JointBertError
from jointbert.utterance import Parse


class QueueFullError(JointBertError):
    """No more texts may wait; ``retry_after`` says in how many whole seconds there should be room."""

    retry_after: int = 1


class DeadlineError(JointBertError):
    """The answer did not come in time."""


class GoneError(JointBertError):
    """Whoever asked has hung up."""


class ClosedError(JointBertError):
    """The queue takes nothing any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The parses of a request's texts, in their order.

    Args:
        parses: One for each text.
        batch: How many texts were computed together with the last of them, itself included.
    """

    parses: list[Parse]
    batch: int


class Ticket:
    """The texts of one request, of which none or all are answered.

    Args:
        texts: What to parse.
        timeout: Seconds until the ticket runs out.
        on_end: Called once, with this ticket, as soon as it has an answer, has run out, or was dropped.
    """

    __slots__ = (
        "_deadline",
        "_future",
        "_loop",
        "_missing",
        "_on_end",
        "_parses",
        "_timeout",
        "_timer",
        "taken",
        "texts",
    )

    def __init__(self, texts: Sequence[str], timeout: float, on_end: Callable[[Ticket], None]) -> None:
        loop = asyncio.get_running_loop()
        self.texts = texts
        self.taken = 0
        self._parses: list[Parse | None] = [None] * len(texts)
        self._missing = len(texts)
        self._on_end = on_end
        self._future: asyncio.Future[Answer] = loop.create_future()
        self._future.add_done_callback(_look)
        self._timeout = max(0.0, timeout)
        self._loop, self._deadline = loop, loop.time() + self._timeout
        self._timer = loop.call_at(self._deadline, self.give_up)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self._future.done()

    @property
    def waiting(self) -> int:
        """How many of its texts wait to be computed."""
        return len(self.texts) - self.taken

    @property
    def time_left(self) -> float:
        """Seconds until it runs out."""
        return self._deadline - self._loop.time()

    async def answer(self) -> Answer:
        """The parses, as soon as there are all of them.

        Raises:
            DeadlineError: They did not come in time.
            GoneError: The ticket was dropped.
            Exception: What the model raised on one of the texts.
        """
        try:
            return await self._future
        except asyncio.CancelledError:
            self._finish()
            raise

    def put(self, place: int, parse: Parse, batch: int) -> None:
        """Keep the parse of one text; the last one makes the answer."""
        if self.is_over:
            return
        self._parses[place] = parse
        self._missing -= 1
        if not self._missing and self._loop.time() > self._deadline:
            self.give_up()  # the timer is about to say so
        elif not self._missing:
            self._future.set_result(Answer([parse for parse in self._parses if parse is not None], batch))
            self._finish()

    def fail(self, error: BaseException) -> None:
        """End it with an error, unless it is over."""
        if not self.is_over:
            self._future.set_exception(error)
            self._finish()

    def drop(self) -> None:
        """End it because nobody waits for the answer any more."""
        self.fail(GoneError("request", "whoever sent it has hung up"))

    def give_up(self) -> None:
        """End it because the answer does not come in time."""
        what = f"no answer within {round(self._timeout * 1000)} ms"
        self.fail(DeadlineError("request", what, None, "Try again later, or send fewer texts at once."))

    def _finish(self) -> None:
        self._timer.cancel()
        self._on_end(self)


def _look(future: asyncio.Future[Answer]) -> None:
    """Take note of an error, so that asyncio does not complain where nobody is left to hear it."""
    if not future.cancelled():
        future.exception()
