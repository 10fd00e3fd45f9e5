"""A model folder's scope: ``scope.json`` says how it is judged, ``scope.safetensors`` holds what its scorer learned."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load, save

from jointbert.checkpoint.manifest import break_seal, read_seals, seal, version_of
from jointbert.codec.scope import SCORERS, Scope, outside_id
from jointbert.errors import ModelError, first_line
from jointbert.labels import Labels

FILE, ARRAYS = "scope.json", "scope.safetensors"
FIT_AGAIN = "Fit it again with: jointbert scope "


def scope_files(scope: Scope) -> dict[str, bytes]:
    """The content of each of a folder's files that keep a scope."""
    content = {
        "scorer": scope.scorer.name,
        "threshold": scope.threshold,
        "intent": scope.intent,
        "chosen": dict(scope.chosen),
    }
    files = {FILE: (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")}
    if arrays := scope.scorer.arrays():
        files[ARRAYS] = save(arrays)
    return files


def scope_names(folder: Path, names: set[str] | None) -> tuple[str, ...]:
    """Which files a folder's scope is read from; none where it has no scope.

    Args:
        folder: The model folder.
        names: What the manifest names; None for a folder of the first format, in which what is there counts.

    Raises:
        ModelError: ``scope.json`` does not say which scorer it is of.
    """
    if FILE not in names if names is not None else not (folder / FILE).is_file():
        return ()
    return (FILE, ARRAYS) if _has_arrays(_read(folder)) else (FILE,)


def read_scope(folder: Path, labels: Labels, hidden: int | None) -> Scope:
    """The scope that :func:`scope_files` wrote.

    Args:
        folder: The model folder.
        labels: What its model can say.
        hidden: How wide its [CLS] state is; None where the encoder's configuration does not say.

    Raises:
        ModelError: A file is missing, broken or of another model.
    """
    content = _read(folder)
    try:
        threshold, intent = float(content["threshold"]), content["intent"]
        if not math.isfinite(threshold) or not isinstance(intent, str | None):
            raise ValueError(f"threshold {threshold}, intent {intent!r}")
    except (KeyError, TypeError, ValueError) as error:
        what = f"cannot be read as a scope ({type(error).__name__}: {error})"
        raise ModelError(str(folder / FILE), what, "a scorer, a threshold and an intent", _hint(folder)) from error
    kind = SCORERS[content["scorer"]]
    if kind.needs_intents and labels.intents is None:
        what = f"has the scorer {kind.name!r}, and the model gives no intents"
        raise ModelError(str(folder / FILE), what, "the scope of this very model", _hint(folder))
    try:
        arrays = load((folder / ARRAYS).read_bytes()) if _has_arrays(content) else {}
        widths = sorted({int(array.shape[-1]) for array in arrays.values() if array.ndim})
        if hidden is not None and widths not in ([], [hidden]):
            raise ValueError(f"it is of states {widths} wide, and the model's are {hidden}")
        scorer = kind.of(arrays)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        what = f"cannot be read ({type(error).__name__}: {first_line(error)})"
        raise ModelError(str(folder / ARRAYS), what, f"what {kind.name} learned", _hint(folder)) from error
    return Scope(scorer, threshold, intent, outside_id(labels, intent), content.get("chosen") or {})


def write_scope(folder: Path, scope: Scope | None, others: Mapping[str, bytes] | None = None) -> None:
    """Give a whole model folder another scope, or none, and seal it anew; its exports stay good.

    Args:
        folder: The model folder.
        scope: The scope; None takes the one that is there away.
        others: Further files by name that speak of the scope, written along with it.
    """
    seals = read_seals(folder)
    before = version_of(folder, seals)
    parts = ({} if scope is None else scope_files(scope)) | dict(others or {})
    for name, content in parts.items():
        (folder / f"{name}.part").write_bytes(content)
    break_seal(folder)
    for name in {FILE, ARRAYS} - parts.keys():
        (folder / name).unlink(missing_ok=True)
    for name in parts:
        os.replace(folder / f"{name}.part", folder / name)
    _rename_export(folder, before, version_of(folder, None))
    seal(folder)


def _rename_export(folder: Path, before: str, after: str) -> None:
    """Let the record of the exports name the new version: the graphs are those of the same network."""
    path = folder / "export.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none, or one that says nothing
        return
    if isinstance(content, dict) and content.get("version") == before:
        path.write_text(json.dumps(content | {"version": after}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name = content["scorer"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be read as a scope ({type(error).__name__}: {error})"
        raise ModelError(str(path), what, "a scorer, a threshold and an intent", _hint(folder)) from error
    if name not in SCORERS:
        what = f"has the scorer {str(name)[:60]!r}"
        raise ModelError(str(path), what, f"one of {', '.join(SCORERS)}", "Upgrade jointbert, or fit it again.")
    return dict(content)


def _has_arrays(content: dict[str, Any]) -> bool:
    return SCORERS[content["scorer"]].needs_state


def _hint(folder: Path) -> str:
    return FIT_AGAIN + str(folder)
