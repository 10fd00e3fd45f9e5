"""Many batches at once: the same parses in the same order, a copy of the graph only where it is worth one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from tiny import CHINESE, ENGLISH

from jointbert.checkpoint import side_by_side
from jointbert.checkpoint.session import OnnxSession
from jointbert.checkpoint.side_by_side import SideBySide
from jointbert.inference.nlu import NLU

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install 'jointbert[onnx]'")
pytest.importorskip("onnxscript", reason="needs the exporter: pip install 'jointbert[onnx]'")

TEXTS = [f"{text} {number}" for number in range(12) for text in (*ENGLISH, *CHINESE)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with an ONNX graph."""
    return tiny.exported(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """How many threads each copy was opened with."""
    found: list[int | None] = []

    def session(path: Path, threads: int | None = None) -> OnnxSession:
        found.append(threads)
        return OnnxSession(path, threads)

    monkeypatch.setattr(side_by_side, "OnnxSession", session)
    return found


def test_many_batches_give_what_one_after_the_other_gives(saved: Path, opened: list[int | None]) -> None:
    expected = NLU.load(saved, "onnx", threads=1).parse_many(TEXTS, batch_size=4)
    assert opened == []  # one thread has nothing to share
    nlu = NLU.load(saved, "onnx", threads=3)
    found = nlu.parse_many(TEXTS, batch_size=4)
    assert opened == [1]
    assert [parse.text for parse in found] == TEXTS
    for one, other in zip(found, expected, strict=True):
        assert [(span.slot, span.start, span.end) for span in one.spans] == [
            (span.slot, span.start, span.end) for span in other.spans
        ]
        assert dict(one.ranking) == pytest.approx(dict(other.ranking), abs=1e-6)
    assert nlu.uncalibrated().parse_many(TEXTS[:3]) == nlu.uncalibrated().parse_many(TEXTS[:3])


def test_the_copy_is_opened_once_by_the_first_call_that_is_worth_it(saved: Path, opened: list[int | None]) -> None:
    nlu = NLU.load(saved, "onnx", threads=2)
    nlu.parse("hi")
    nlu.parse_many(TEXTS[:6], batch_size=2)
    assert opened == []
    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(lambda _: nlu.parse_many(TEXTS, batch_size=8), range(6)))
    assert opened == [1]
    assert all([parse.text for parse in run] == TEXTS for run in runs)
    assert all(run == runs[0] for run in runs)


def test_a_large_graph_is_not_held_twice(
    saved: Path, opened: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "_LARGEST", 1000)
    NLU.load(saved, "onnx", threads=2).parse_many(TEXTS, batch_size=2)
    assert opened == []


class Tenfold:
    """A session that gives ten times a batch's number; batch 7 fails."""

    def score(self, arrays: dict[str, Any], state: bool = False) -> tuple[Any, None, None]:
        number = int(arrays["number"][0])
        if number == 7:
            raise RuntimeError("batch 7")
        return np.array([number * 10]), None, None


def test_few_are_computed_ahead_in_order_and_a_failure_is_the_callers(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "OnnxSession", lambda path, threads: Tenfold())
    read: list[int] = []

    def batches(count: int) -> Iterator[dict[str, Any]]:
        for number in range(count):
            read.append(number)
            yield {"number": np.array([number])}

    several = SideBySide(Tenfold(), saved / "model.onnx", 2, False)  # type: ignore[arg-type]
    results = several(batches(100), 100)
    assert [int(next(results)[0][0]) for _ in range(3)] == [0, 10, 20]  # type: ignore[index]
    assert len(read) <= 8
    with pytest.raises(RuntimeError, match="batch 7"):
        list(results)
    assert [int(found[0][0]) for found in several(batches(6), 6)] == [0, 10, 20, 30, 40, 50]  # type: ignore[index]
