"""The batcher: everybody gets their own parses, batches form, the queue is bounded, and nothing is computed in vain."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointbert.serve.batcher import LONGEST_RETRY, Batch, Batcher
from jointbert.serve.ticket import ClosedError, DeadlineError, GoneError, QueueFullError
from jointbert.utterance import Parse


class Model:
    """Parses a text into itself, and waits at a gate before each batch until it is opened."""

    def __init__(self, open_gate: bool = True) -> None:
        self.gate = threading.Event()
        self.batches: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        if open_gate:
            self.gate.set()

    def __call__(self, texts: list[str]) -> list[Parse]:
        self.batches.append(texts)
        self.begun.release()
        assert self.gate.wait(10)
        if "poison" in texts:
            raise ValueError("poison")
        return [Parse(text) for text in texts]


def run(
    scene: Callable[[Batcher], Awaitable[Any]], model: Model, max_queue: int = 100, max_batch: int = 4, **options: Any
) -> Any:
    """Play a scene with a started batcher; it is closed, and the gate opened, afterwards."""

    async def played() -> Any:
        batcher = Batcher(model, max_queue=max_queue, max_batch=max_batch, **options)
        batcher.start()
        try:
            return await asyncio.wait_for(scene(batcher), 20)
        finally:
            model.gate.set()
            await batcher.close()

    return asyncio.run(played())


async def texts_of(ticket: Any) -> list[str]:
    return [parse.text for parse in (await ticket.answer()).parses]


async def busy(batcher: Batcher, model: Model) -> Any:
    """Keep the model at its gate with a text of its own."""
    ticket = batcher.submit(["first"], 10)
    await asyncio.to_thread(model.begun.acquire)
    return ticket


def test_what_waits_while_the_model_is_busy_becomes_a_batch() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        first = await busy(batcher, model)
        tickets = [batcher.submit([f"text {n}"], 10) for n in range(6)]
        assert batcher.waiting == 6
        model.gate.set()
        assert [await texts_of(ticket) for ticket in tickets] == [[f"text {n}"] for n in range(6)]
        assert (await first.answer()).batch == 1
        assert [(await ticket.answer()).batch for ticket in tickets] == [4, 4, 4, 4, 2, 2]
        assert batcher.waiting == 0

    run(scene, model)
    assert [len(batch) for batch in model.batches] == [1, 4, 2]


def test_batches_of_one_are_no_batching() -> None:
    model = Model()

    async def scene(batcher: Batcher) -> list[list[str]]:
        tickets = [batcher.submit([str(n)], 10) for n in range(5)]
        return [await texts_of(ticket) for ticket in tickets]

    assert run(scene, model, max_batch=1) == [["0"], ["1"], ["2"], ["3"], ["4"]]
    assert model.batches == [["0"], ["1"], ["2"], ["3"], ["4"]]


@settings(max_examples=25)
@given(st.lists(st.lists(st.text(max_size=3), min_size=1, max_size=7), max_size=12), st.integers(1, 5))
def test_each_request_gets_its_own_parses_in_its_own_order(requests: list[list[str]], max_batch: int) -> None:
    async def scene(batcher: Batcher) -> list[list[str]]:
        return await asyncio.gather(*(texts_of(batcher.submit(texts, 10)) for texts in requests))

    assert run(scene, Model(), max_batch=max_batch) == requests


def test_a_batch_that_is_not_full_waits_a_moment_for_more() -> None:
    model = Model()

    async def scene(batcher: Batcher) -> None:
        first = batcher.submit(["a"], 10)
        await asyncio.sleep(0.02)
        rest = [batcher.submit([text], 10) for text in "bcd"]
        for ticket in (first, *rest):
            await ticket.answer()

    run(scene, model, max_wait=5.0)
    assert model.batches == [["a", "b", "c", "d"]]


def test_a_batch_does_not_wait_for_ever() -> None:
    async def scene(batcher: Batcher) -> list[str]:
        return await texts_of(batcher.submit(["a"], 10))

    assert run(scene, Model(), max_wait=0.01) == ["a"]


def test_a_request_fits_into_the_queue_as_a_whole_or_is_refused() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        batcher.submit(["a"] * 7, 10)
        with pytest.raises(QueueFullError, match="queue: 7 texts wait and 4 more came; expected 10 at most") as caught:
            batcher.submit(["b"] * 4, 10)
        assert caught.value.retry_after == 1
        assert batcher.waiting == 7
        batcher.submit(["c"] * 3, 10)
        assert batcher.waiting == 10

    run(scene, model, max_queue=10)
    assert "b" not in {text for batch in model.batches for text in batch}


def test_retry_after_is_what_the_queue_will_take() -> None:
    model = Model()

    async def scene(batcher: Batcher) -> list[int]:
        await batcher.submit(["warm"], 10).answer()
        model.gate.clear()
        await asyncio.to_thread(model.begun.acquire)
        await busy(batcher, model)
        batcher.submit(["a"] * 10, 10_000)
        found = []
        for pace in (0.0001, 1.2, 1e6):
            batcher._pace = pace
            with pytest.raises(QueueFullError) as caught:
                batcher.submit(["b"], 10_000)
            found.append(caught.value.retry_after)
        return found

    assert run(scene, model, max_queue=10) == [1, 5, LONGEST_RETRY]


def test_what_would_hardly_be_answered_in_time_is_refused_at_once_but_never_by_an_empty_queue() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        batcher._pace = 3.0
        batcher.submit(["a"], 5)
        with pytest.raises(
            QueueFullError, match=r"1 texts wait, and the answer would take about [56]\.\d s; expected a"
        ):
            batcher.submit(["b"], 10)
        batcher.submit(["c"], 20)

    run(scene, model)
    assert "b" not in {text for batch in model.batches for text in batch}


def test_an_answer_that_is_ready_too_late_is_none() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        ticket = batcher.submit(["a"], 0.05)
        await asyncio.to_thread(model.begun.acquire)
        model.gate.set()
        time.sleep(0.2)  # the event loop is held up: the deadline and the answer are both there
        with pytest.raises(DeadlineError):
            await ticket.answer()

    run(scene, model)


def test_what_runs_out_says_so_is_not_computed_and_leaves_its_room() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        late = batcher.submit(["late", "later"], 0.02)
        with pytest.raises(DeadlineError, match=r"request: no answer within 20 ms\. Try again later"):
            await late.answer()
        assert batcher.waiting == 0
        model.gate.set()
        assert await texts_of(batcher.submit(["next"], 10)) == ["next"]

    run(scene, model)
    assert model.batches == [["first"], ["next"]]


def test_what_runs_out_while_it_is_computed_is_told_in_time() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        with pytest.raises(DeadlineError):
            await batcher.submit(["a"], 0.05).answer()

    run(scene, model)


def test_one_slow_start_does_not_keep_the_queue_short() -> None:
    async def scene(batcher: Batcher) -> list[int]:
        batcher._pace = 5.0
        for _ in range(12):
            await batcher.submit(["quick"], 10).answer()
        tickets = [batcher.submit([f"text {n}"], 10) for n in range(50)]
        return [(await ticket.answer()).batch for ticket in tickets]

    assert set(run(scene, Model())) == {4, 2}


def test_what_would_be_ready_too_late_is_not_computed_but_the_last_one_always_is() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        hopeless, patient = batcher.submit(["hopeless"], 30), batcher.submit(["patient"], 3000)
        batcher._pace = 50.0  # 35 after the next batch
        model.gate.set()
        with pytest.raises(DeadlineError, match="no answer within 30000 ms"):
            await hopeless.answer()
        assert await texts_of(patient) == ["patient"]
        assert await texts_of(batcher.submit(["alone"], 10)) == ["alone"]

    run(scene, model)
    assert model.batches == [["first"], ["patient"], ["alone"]]


def test_what_was_dropped_or_cancelled_is_not_computed() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        dropped = batcher.submit(["dropped"], 10)
        dropped.drop()
        with pytest.raises(GoneError):
            await dropped.answer()
        cancelled = asyncio.ensure_future(batcher.submit(["cancelled"], 10).answer())
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert batcher.waiting == 0
        model.gate.set()
        await batcher.submit(["next"], 10).answer()

    run(scene, model)
    assert model.batches == [["first"], ["next"]]


def test_a_text_that_breaks_the_model_takes_no_other_with_it() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        good, bad, mixed = (batcher.submit(texts, 10) for texts in (["a"], ["poison"], ["b", "poison", "c"]))
        model.gate.set()
        assert await texts_of(good) == ["a"]
        for ticket in (bad, mixed):
            with pytest.raises(ValueError, match="poison"):
                await ticket.answer()
        assert await texts_of(batcher.submit(["after"], 10)) == ["after"]

    run(scene, model)


def test_a_model_that_gives_too_few_parses_is_a_defect_and_no_mix_up() -> None:
    async def scene(batcher: Batcher) -> None:
        batcher._parse_many = lambda texts: []
        with pytest.raises(RuntimeError, match="0 parses for 1 texts"):
            await batcher.submit(["a"], 10).answer()

    run(scene, Model())


def test_closing_answers_what_waits_and_takes_no_more() -> None:
    model = Model(open_gate=False)

    async def scene(batcher: Batcher) -> None:
        await busy(batcher, model)
        tickets = [batcher.submit([str(n)], 10) for n in range(9)]
        closing = asyncio.ensure_future(batcher.close())
        await asyncio.sleep(0)
        with pytest.raises(ClosedError, match="queue: is closed"):
            batcher.submit(["too late"], 10)
        model.gate.set()
        await closing
        assert [await texts_of(ticket) for ticket in tickets] == [[str(n)] for n in range(9)]
        assert not batcher.is_alive

    run(scene, model)


def test_a_successor_begins_when_all_that_waited_before_it_is_answered() -> None:
    old_model, new_model = Model(open_gate=False), Model()
    ended: list[str] = []

    async def scene(old: Batcher) -> None:
        await busy(old, old_model)
        olds = [old.submit([f"old {n}"], 10) for n in range(6)]
        new = Batcher(new_model, max_queue=10, max_batch=4, after=old)
        new.start()
        news = [new.submit([f"new {n}"], 10) for n in range(2)]

        async def note(ticket: Any) -> None:
            ended.extend(await texts_of(ticket))

        waiting = asyncio.gather(*map(note, (*news, *olds)))
        await asyncio.sleep(0.05)
        assert new_model.batches == []
        with pytest.raises(ClosedError):
            old.submit(["too late"], 10)
        old_model.gate.set()
        await waiting
        await new.close()

    run(scene, old_model)
    assert [text.split()[0] for text in ended] == ["old"] * 6 + ["new"] * 2


def test_what_waits_before_a_successor_takes_up_its_room_and_time() -> None:
    model = Model(open_gate=False)

    async def scene(old: Batcher) -> None:
        await busy(old, model)
        waiting = [old.submit([f"old {n}"], 10) for n in range(3)]
        old._pace = 2.0
        new = Batcher(Model(), max_queue=5, max_batch=4, after=old)
        newest = Batcher(Model(), max_queue=5, max_batch=4, after=new)
        for batcher in (new, newest):
            batcher.start()
        assert newest.waiting == new.waiting == 3
        with pytest.raises(QueueFullError, match=r"3 texts wait, and the answer would take about [56]\.\d s"):
            newest.submit(["new"], 4)
        waiting += [newest.submit([f"new {n}"], 60) for n in range(2)]
        with pytest.raises(QueueFullError, match="5 texts wait and 1 more came; expected 5 at most"):
            newest.submit(["too many"], 60)
        model.gate.set()
        for ticket in waiting:
            await texts_of(ticket)
        assert newest.waiting == 0
        await newest.close()

    run(scene, model)


def test_each_batch_is_watched_with_what_came_out_of_it() -> None:
    seen: list[Batch] = []

    async def scene(batcher: Batcher) -> None:
        assert await texts_of(batcher.submit(["a", "b"], 10)) == ["a", "b"]
        with pytest.raises(ValueError):
            await batcher.submit(["poison"], 10).answer()

    run(scene, Model(), watch=seen.append)
    assert [(batch.size, [parse.text for parse in batch.parses]) for batch in seen] == [(2, ["a", "b"]), (1, [])]
    assert all(0 <= batch.seconds < 10 for batch in seen)
