"""A bounded queue in front of one thread that parses what is waiting, batch by batch. Knows nothing of HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jointbert.serve.ticket import ClosedError, QueueFullError, Ticket
from jointbert.utterance import Parse

ParseMany = Callable[[list[str]], Sequence[Parse]]
SMOOTHING = 0.3
"""How much the latest batch counts in the estimate of what a batch takes."""

HEADROOM = 0.5
"""The part of its time that a text may be expected to need; the rest is for what was not expected."""

LONGEST_RETRY = 60


@dataclass(frozen=True, slots=True)
class Batch:
    """What was computed at once.

    Args:
        parses: The parses that came out.
        size: How many texts went in.
        seconds: How long it took.
    """

    parses: Sequence[Parse]
    size: int
    seconds: float


class Batcher:
    """Gathers the texts of many requests into batches and hands each request its own parses.

    Args:
        parse_many: Texts → parses in their order; called in the one thread of this batcher.
        max_queue: How many texts may wait.
        max_batch: How many texts are computed at once; 1 is no batching.
        max_wait: Seconds that a batch which is not full waits for more.
        watch: Called with each batch after its answers are out.
        after: The batcher that this one takes over from: what waits there is computed first, and takes up room here.
    """

    def __init__(
        self,
        parse_many: ParseMany,
        *,
        max_queue: int,
        max_batch: int,
        max_wait: float = 0.0,
        watch: Callable[[Batch], None] | None = None,
        after: Batcher | None = None,
    ) -> None:
        self._parse_many = parse_many
        self._max_queue, self._max_batch, self._max_wait = max_queue, max_batch, max_wait
        self._watch = watch
        self._after = after
        self._queue: deque[Ticket] = deque()
        self._waiting = 0
        self._computing, self._begun = False, 0.0
        self._news, self._full = asyncio.Event(), asyncio.Event()
        self._closing = False
        self._pace: float = 0.0 if after is None else after._pace
        self._thread = ThreadPoolExecutor(1, "jointbert-parse")
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many texts wait to be computed, those of the batchers before this one among them."""
        return self._waiting + (0 if self._after is None else self._after.waiting)

    @property
    def is_alive(self) -> bool:
        """Whether what is submitted will be computed."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin to compute, in the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._work())

    def submit(self, texts: Sequence[str], timeout: float) -> Ticket:
        """A ticket for the texts, all of which now wait; ``await ticket.answer()`` gives their parses.

        Args:
            texts: At least one.
            timeout: Seconds until the ticket runs out.

        Raises:
            QueueFullError: They do not fit into the queue, or would not be reached in time; none of them waits.
            ClosedError: The batcher was closed.
        """
        if self._closing:
            raise ClosedError("queue", "is closed", None, "Ask another server.")
        self.check_room(len(texts), timeout)
        ticket = Ticket(texts, timeout, self._forget)
        self._queue.append(ticket)
        self._waiting += len(texts)
        self._news.set()
        if self._waiting >= self._max_batch:
            self._full.set()
        return ticket

    async def close(self) -> None:
        """Take nothing more, compute what waits, and come back when that is done."""
        self._closing = True
        self._news.set()
        self._full.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._thread.shutdown(wait=False)

    def check_room(self, count: int, timeout: float) -> None:
        """Raise QueueFullError unless so many texts fit into the queue, and would be reached in these seconds."""
        waiting = self.waiting
        if waiting + count > self._max_queue:
            what, expected = f"{waiting} texts wait and {count} more came", f"{self._max_queue} at most"
        elif waiting and self._delay(count) > HEADROOM * timeout:
            what = f"{waiting} texts wait, and the answer would take about {self._delay(count):.1f} s"
            expected = f"a queue that leaves a good part of {timeout:.1f} s"
        else:
            return
        error = QueueFullError("queue", what, expected)
        error.retry_after = max(1, min(LONGEST_RETRY, math.ceil(self._delay(0))))
        raise error

    def _delay(self, count: int) -> float:
        """Seconds until so many texts that came now would be computed, by the pace of the latest batches.

        Small batches make it too short, for full ones take longer; those then correct it.
        """
        before = 0.0 if self._after is None else self._after._delay(0)
        spent = asyncio.get_running_loop().time() - self._begun
        current = max(0.0, self._pace - spent) if self._computing else 0.0
        return before + current + self._pace * math.ceil((self._waiting + count) / self._max_batch)

    def _forget(self, ticket: Ticket) -> None:
        """What is over does not take up room."""
        self._waiting -= ticket.waiting
        ticket.taken = len(ticket.texts)

    async def _work(self) -> None:
        if self._after is not None:
            await self._after.close()
            self._after = None
        while await self._something_waits():
            batch = self._take()
            if batch:
                await self._compute(batch)

    async def _something_waits(self) -> bool:
        """True as soon as a batch should be taken; False when there will be none any more."""
        while not self._waiting:
            if self._closing:
                return False
            self._news.clear()
            await self._news.wait()
        if self._max_wait and not self._closing and self._waiting < self._max_batch:
            self._full.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._max_wait):
                    await self._full.wait()
        return True

    def _take(self) -> list[tuple[Ticket, int]]:
        """The texts of the next batch, each as its ticket and its place there; those that waited longest first."""
        batch: list[tuple[Ticket, int]] = []
        while self._queue and len(batch) < self._max_batch:
            ticket = self._queue[0]
            if self._is_hopeless(ticket):
                ticket.give_up()
            end = min(len(ticket.texts), ticket.taken + self._max_batch - len(batch))
            batch += [(ticket, place) for place in range(ticket.taken, end)]
            self._waiting -= end - ticket.taken
            ticket.taken = end
            if not ticket.waiting:
                self._queue.popleft()
        return batch

    def _is_hopeless(self, ticket: Ticket) -> bool:
        """Whether a batch would come too late for it; of the last one that waits nobody gives up, for a pace that is
        not measured is never corrected."""
        return not ticket.taken and len(self._queue) > 1 and ticket.time_left < self._pace

    async def _compute(self, batch: list[tuple[Ticket, int]]) -> None:
        loop = asyncio.get_running_loop()
        texts = [ticket.texts[place] for ticket, place in batch]
        self._computing, self._begun = True, loop.time()
        outcomes = await loop.run_in_executor(self._thread, self._outcomes, texts)
        seconds = loop.time() - self._begun
        self._pace += (seconds - self._pace) * SMOOTHING
        self._computing = False
        for (ticket, place), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Parse):
                ticket.put(place, outcome, len(batch))
            else:
                ticket.fail(outcome)
        if self._watch is not None:
            self._watch(Batch([found for found in outcomes if isinstance(found, Parse)], len(batch), seconds))

    def _outcomes(self, texts: list[str]) -> list[Parse | Exception]:
        """A parse or an error for each text; one that the model fails on takes no other with it."""
        try:
            parses = list(self._parse_many(texts))
            if len(parses) != len(texts):
                raise RuntimeError(f"{len(parses)} parses for {len(texts)} texts")
        except Exception as error:
            return [error] if len(texts) == 1 else [self._outcomes([text])[0] for text in texts]
        return list(parses)
