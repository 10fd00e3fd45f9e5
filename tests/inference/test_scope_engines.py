"""Every engine tells scope alike; a graph of before the [CLS] state was an output says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import CHINESE, ENGLISH

from jointbert.checkpoint.manifest import seal
from jointbert.checkpoint.scope_file import write_scope
from jointbert.checkpoint.session import STATE, gives_state
from jointbert.codec.scope import SCORERS, Scope
from jointbert.codec.scope_scorer import Evidence
from jointbert.errors import ModelError
from jointbert.inference.nlu import NLU

onnx = pytest.importorskip("onnx", reason="needs ONNX: pip install 'jointbert[onnx]'")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install 'jointbert[onnx]'")
pytest.importorskip("onnxscript", reason="needs the exporter: pip install 'jointbert[onnx]'")

TEXTS = [*ENGLISH, *CHINESE, "", "hi"]


def scope(name: str) -> Scope:
    states = np.random.default_rng(3).normal(size=(12, 32)).astype(np.float32)
    return Scope(SCORERS[name].fit(Evidence(states, np.arange(12, dtype=np.int64) % 3, states[:4] + 5)), 0.0)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.exported(tmp_path_factory.mktemp("scoped") / "model")


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def old(copy: Path) -> Path:
    """A folder whose graph gives logits only, as older versions wrote it."""
    graph = onnx.load(copy / "model.onnx")
    kept = [output for output in graph.graph.output if output.name != STATE]
    del graph.graph.output[:]
    graph.graph.output.extend(kept)
    onnx.save(graph, copy / "model.onnx")
    seal(copy)
    return copy


@pytest.mark.parametrize("name", SCORERS)
def test_a_graph_tells_scope_as_pytorch_does(name: str, copy: Path) -> None:
    assert gives_state(copy / "model.onnx")
    write_scope(copy, scope(name))
    ours, theirs = NLU.load(copy, "torch").parse_many(TEXTS), NLU.load(copy, "onnx").parse_many(TEXTS)
    for one, other in zip(ours, theirs, strict=True):
        assert one.scope_score == pytest.approx(other.scope_score, rel=1e-3, abs=1e-3)
        assert one.in_scope == other.in_scope


def test_an_old_graph_still_parses_where_no_state_is_needed(old: Path) -> None:
    assert not gives_state(old / "model.onnx")
    assert NLU.load(old, "onnx").parse("hi").in_scope is None
    write_scope(old, scope("energy"))
    assert NLU.load(old, "onnx").parse("hi").in_scope is not None


def test_an_old_graph_says_what_to_do_where_a_state_is_needed(old: Path) -> None:
    write_scope(old, scope("mahalanobis"))
    with pytest.raises(ModelError, match=r"model\.onnx: gives no \[CLS\] state, .*'mahalanobis' needs; .* export "):
        NLU.load(old, "onnx")
    assert NLU.load(old, "torch").parse("hi").in_scope is not None
    assert NLU.load(old, "onnx", scoped=False).parse("hi").in_scope is None
