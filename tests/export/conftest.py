"""Graphs, each traced once a session: a trace takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny
from graphs import Case, build

from jointbert.export import run
from jointbert.export.graph import write_graph


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """A case by its name."""
    known: dict[str, Case] = {}

    def find(name: str) -> Case:
        if name not in known:
            joint, codec = build(name)
            path = tmp_path_factory.mktemp(name) / "model.onnx"
            write_graph(joint, path)
            known[name] = Case(name, joint, codec, path)
        return known[name]

    return find


@pytest.fixture(scope="session")
def tiny_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of ``tiny.model()``."""
    path = tmp_path_factory.mktemp("tiny") / "model.onnx"
    write_graph(tiny.model(), path)
    return path


@pytest.fixture
def traced(tiny_graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of ``tiny.model()`` that copies its graph and does not trace it again."""
    monkeypatch.setattr(run, "write_graph", lambda model, path: shutil.copyfile(tiny_graph, path))
