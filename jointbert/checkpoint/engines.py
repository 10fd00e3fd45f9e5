"""The engines that can compute a saved model's logits, by name. Torch is loaded only for the one that is called so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from jointbert.checkpoint.contents import Contents, holds, open_contents
from jointbert.checkpoint.engine_names import ENGINES, GRAPHS
from jointbert.checkpoint.manifest import EXPORT_AGAIN
from jointbert.checkpoint.predict import Predictor, Scorer
from jointbert.checkpoint.session import OnnxSession, check_threads
from jointbert.checkpoint.side_by_side import SideBySide
from jointbert.codec import Calibration, Decoder
from jointbert.codec.scope import Scope
from jointbert.errors import ModelError

_NEEDED = ("config.json", "tokenizer.json", "labels.json", "export.json")
_CRF = tuple(f"crf.chain.{name}" for name in ("start_transitions", "transitions", "end_transitions"))


@dataclass(frozen=True)
class Engine:
    """A saved model, ready to parse.

    Args:
        name: ``"torch"``, ``"onnx"`` or ``"onnx-int8"``.
        version: Twelve hexadecimal digits that name the model (its exports share them).
        predictor: Texts in, parses out.
    """

    name: str
    version: str
    predictor: Predictor


def open_engine(
    folder: Path | str,
    name: str = "auto",
    threads: int | None = None,
    *,
    calibrated: bool = True,
    scoped: bool = True,
) -> Engine:
    """A model folder's engine.

    Args:
        folder: What ``jointbert train`` wrote.
        name: One of ``engine_names.ENGINES``; ``auto`` takes the fastest export, where ONNX Runtime is installed.
        threads: How many threads compute one batch (ONNX only); None takes one for each core.
        calibrated: Whether confidences go through the model's calibration, where it has one.
        scoped: Whether parses say what is in scope, where the model can tell.

    Raises:
        ModelError: The folder or a file that the engine needs is missing, broken, of another model, or the name of
            the engine is unknown, or the graph is older than the [CLS] state that the model's scope asks for, or
            ``threads`` is below 1.
        MissingExtraError: An ONNX engine was asked for and ONNX Runtime is not installed.
    """
    check_threads(threads)
    folder = Path(folder)
    if name not in ENGINES:
        raise ModelError("engine", f"{name!r} is not known", f"one of {', '.join(ENGINES)}", "Leave it out for auto.")
    if name == "auto":
        name = _fastest(folder)
    if name == "torch":
        from jointbert.checkpoint.folder import load_folder, make_predictor

        model, contents = load_folder(folder)
        calibration, scope = _judges(contents, calibrated, scoped)
        return Engine(name, contents.version, make_predictor(model, contents.codec, calibration, scope))
    contents = open_contents(folder, (*_NEEDED, GRAPHS[name]))
    session = OnnxSession(folder / GRAPHS[name], threads)
    calibration, scope = _judges(contents, calibrated, scoped)
    decoder = Decoder(contents.labels, _crf_scores(contents), calibration, scope)
    state = scope is not None and scope.needs_state
    if scope is not None and state:
        _check_state(session, folder / GRAPHS[name], scope)
    score: Scorer = partial(session.score, state=state)
    several = SideBySide(session, folder / GRAPHS[name], contents.sha256(GRAPHS[name]), threads, state)
    return Engine(name, contents.version, Predictor(contents.codec, decoder, score, contents.pad_id, several))


def _judges(contents: Contents, calibrated: bool, scoped: bool) -> tuple[Calibration | None, Scope | None]:
    return contents.calibration if calibrated else None, contents.scope if scoped else None


def _check_state(session: OnnxSession, path: Path, scope: Scope) -> None:
    if not session.has_state:
        what = f"gives no [CLS] state, which the scope's scorer {scope.scorer.name!r} needs"
        hint = f"{EXPORT_AGAIN}{path.parent}, or load it without its scope: NLU.load(folder, scoped=False)."
        raise ModelError(str(path), what, "a graph of this version", hint)


def _fastest(folder: Path) -> str:
    if find_spec("onnxruntime") is None:
        return "torch"
    return next((name for name, file in GRAPHS.items() if holds(folder, file)), "torch")


def _crf_scores(contents: Contents) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The CRF's learned (start (K,), moves (K, K), end (K,)) scores; None for a softmax head."""
    if not (contents.settings.get("crf") and contents.settings["tags"]):
        return None
    from safetensors import safe_open

    contents.check("model.safetensors")
    with safe_open(contents.folder / "model.safetensors", framework="numpy") as weights:
        start, moves, end = (weights.get_tensor(name).astype(np.float64) for name in _CRF)
    return start, moves, end
