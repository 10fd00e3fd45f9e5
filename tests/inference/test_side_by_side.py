"""Many batches at once: the same parses in the same order, a copy of the graph only where it is worth one."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from tiny import CHINESE, ENGLISH

from jointbert.checkpoint import side_by_side
from jointbert.checkpoint.manifest import sha256
from jointbert.checkpoint.session import OnnxSession
from jointbert.checkpoint.side_by_side import SideBySide
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

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

    def session(path: Path, threads: int | None = None, graph: bytes | None = None) -> OnnxSession:
        found.append(threads)
        return OnnxSession(path, threads, graph)

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


def test_a_single_batch_is_computed_by_all_threads(saved: Path, opened: list[int | None]) -> None:
    nlu = NLU.load(saved, "onnx", threads=2)
    nlu.parse_many(TEXTS, batch_size=2)
    assert opened == [1]
    several: Any = nlu._predictor._score_all
    assert several._opened(1) is None and several._opened(2) is not None


def intents(parses: list[Parse]) -> list[str | None]:
    return [parse.intent for parse in parses]


@pytest.mark.parametrize("change", ["another model", "no graph"])
def test_a_loaded_model_stays_what_it_is_whatever_becomes_of_its_folder(
    saved: Path, tmp_path: Path, opened: list[int | None], change: str
) -> None:
    place = tmp_path / "model"
    shutil.copytree(saved, place)
    nlu = NLU.load(place, "onnx", threads=2)
    expected = intents([nlu.parse(text) for text in TEXTS])
    if change == "no graph":
        (place / "model.onnx").unlink()
    else:
        shutil.rmtree(place)
        tiny.with_graphs(tiny.contrary(place))
        assert intents(NLU.load(place, "onnx").parse_many(TEXTS)) != expected
        opened.clear()
    assert intents(nlu.parse_many(TEXTS, batch_size=2)) == expected
    assert opened == []


def test_a_relative_folder_is_found_from_elsewhere(
    saved: Path, tmp_path: Path, opened: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.parent)
    nlu = NLU.load(saved.name, "onnx", threads=2)
    monkeypatch.chdir(tmp_path)
    assert [parse.text for parse in nlu.parse_many(TEXTS, batch_size=2)] == TEXTS
    assert opened == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_parses_though_its_parent_had_opened_the_copy(saved: Path) -> None:
    import onnxruntime  # noqa: F401 (in the child, no import may wait for a lock that a thread of the parent held)

    nlu = NLU.load(saved, "onnx", threads=2)
    expected = nlu.parse_many(TEXTS, batch_size=2)
    process = multiprocessing.get_context("fork").Process(target=_parse_and_leave, args=(nlu, intents(expected)))
    process.start()
    process.join(60)
    hangs = process.is_alive()
    process.kill()
    assert not hangs and process.exitcode == 7


def _parse_and_leave(nlu: NLU, expected: list[str | None]) -> None:
    one = nlu.parse(TEXTS[0]).intent
    many = intents(nlu.parse_many(TEXTS, batch_size=2))
    os._exit(7 if (one, many) == (expected[0], expected) else 8)


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
    monkeypatch.setattr(side_by_side, "OnnxSession", lambda path, threads, graph: Tenfold())
    read: list[int] = []

    def batches(count: int) -> Iterator[dict[str, Any]]:
        for number in range(count):
            read.append(number)
            yield {"number": np.array([number])}

    graph = saved / "model.onnx"
    several = SideBySide(Tenfold(), graph, sha256(graph), 2, False)  # type: ignore[arg-type]
    results = several(batches(100), 100)
    assert [int(next(results)[0][0]) for _ in range(3)] == [0, 10, 20]  # type: ignore[index]
    assert len(read) <= 8
    with pytest.raises(RuntimeError, match="batch 7"):
        list(results)
    assert [int(found[0][0]) for found in several(batches(6), 6)] == [0, 10, 20, 30, 40, 50]  # type: ignore[index]
