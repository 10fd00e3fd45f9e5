"""``export``: a model folder gets its ONNX graphs, the proof of what they are worth, and a fresh manifest."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jointbert.checkpoint.contents import Contents
from jointbert.checkpoint.engine_names import GRAPHS
from jointbert.checkpoint.folder import load_folder
from jointbert.checkpoint.manifest import seal
from jointbert.checkpoint.session import OnnxSession
from jointbert.errors import MissingExtraError, ModelError
from jointbert.export.dev import read_dev
from jointbert.export.graph import write_graph
from jointbert.export.parity import check_parity
from jointbert.export.proof import Prover
from jointbert.export.quantise import PLANS, write_int8
from jointbert.export.record import Exported, read_graphs, write_record
from jointbert.model.joint import JointBert

LIMIT = 0.3
"""How many points of sentence accuracy on the dev set an int8 graph may lose."""

NEEDED = ("onnx", "onnxruntime", "onnxscript")


def _silent(_: Any) -> None:
    return None


def export(
    folder: Path | str,
    *,
    int8: bool = False,
    force: bool = False,
    data: Path | None = None,
    tell: Callable[[str], None] = _silent,
    show: Callable[[Exported], None] = _silent,
) -> list[Exported]:
    """Write a model's ONNX graphs beside it and prove them on the dev set.

    Args:
        folder: The model folder.
        int8: Write the int8 graph too.
        force: Keep an int8 graph that loses more than :data:`LIMIT` points of sentence accuracy.
        data: Utterances to prove it on; None takes the dev set that ``training.yaml`` names.
        tell: Called with a line before each step.
        show: Called with each graph as soon as it is proven, a refused one too.

    Returns:
        The graphs that were written; ``export.json`` says the same of them.

    Raises:
        MissingExtraError: onnx, onnxruntime or onnxscript is not installed.
        ModelError: The folder is broken, the encoder cannot be exported, or the int8 graph was refused.
        DataError: The dev set is not there, or cannot be used.
    """
    _check_installed()
    model, contents = load_folder(folder)
    where, gold = read_dev(contents.folder, contents.labels, data)
    tell(f"parsing {len(gold)} utterances of {where} with PyTorch")
    prover = Prover(gold, model, contents)
    parts = {engine: contents.folder / f"{file}.part" for engine, file in GRAPHS.items()}
    done: list[Exported] = []
    try:
        done.append(_traced(model, prover, parts["onnx"], tell))
        show(done[0])
        if int8:
            done.append(_quantised(prover, parts, force, tell))
            show(done[1])
        _put_in_place(contents, where, done, parts)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    _check_kept(contents.folder, done)
    return done


def _check_installed() -> None:
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtraError("onnx", "jointbert export")


def _traced(model: JointBert, prover: Prover, part: Path, tell: Callable[[str], None]) -> Exported:
    """The graph in fp32, held against PyTorch at other sizes and on the utterances."""
    tell("tracing the model and checking it at other sizes")
    write_graph(model, part)
    session = OnnxSession(part)
    check_parity(part, model, partial(session.score, state=True))
    tell("parsing the utterances with onnx")
    proof = prover.prove("onnx", partial(session.score, state=prover.needs_state))
    return Exported(proof, GRAPHS["onnx"], part.stat().st_size)


def _quantised(prover: Prover, parts: dict[str, Path], force: bool, tell: Callable[[str], None]) -> Exported:
    """The int8 graph by the first plan that loses little enough; by the last one, if none does."""
    part, spared = parts["onnx-int8"], PLANS[0]
    for spared in PLANS:
        tell(f"quantising all but {' and '.join(spared)} to int8, and parsing the utterances with it")
        write_int8(parts["onnx"], part, spared)
        proof = prover.prove("onnx-int8", partial(OnnxSession(part).score, state=prover.needs_state))
        if proof.loss <= LIMIT:
            break
    poor = proof.loss > LIMIT
    size = part.stat().st_size
    return Exported(proof, GRAPHS["onnx-int8"], size, spared, kept=force or not poor, forced=force and poor)


def _put_in_place(contents: Contents, where: str, done: list[Exported], parts: dict[str, Path]) -> None:
    """Move what is kept to its name, remove what nothing vouches for, and seal the folder."""
    folder, version = contents.folder, contents.version
    known = read_graphs(folder, version) | {item.proof.engine: item for item in done if item.kept}
    for item in done:
        if item.kept:
            os.replace(parts[item.proof.engine], folder / item.file)
        else:
            (folder / item.file).unlink(missing_ok=True)
    for engine, file in GRAPHS.items():
        if engine not in known:
            (folder / file).unlink(missing_ok=True)
    write_record(folder, version, where, done)
    seal(folder)


def _check_kept(folder: Path, done: list[Exported]) -> None:
    """Raise ModelError for a graph that was refused."""
    for item in done:
        if not item.kept:
            what = f"was refused: it loses {item.proof.loss:.2f} points of sentence accuracy on the dev set"
            hint = f"Use {GRAPHS['onnx']}, or keep it all the same with --force."
            raise ModelError(str(folder / item.file), what, f"at most {LIMIT} points", hint)
