"""The manifest of a model folder: the size and sha256 of each file that loading reads, written last of all.

It tells a whole folder from one that was cut short, mixed up or changed, and gives the model its version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jointbert.errors import ModelError

MANIFEST = "manifest.json"
NETWORK_FILES = ("config.json", "model.safetensors", "tokenizer.json", "labels.json", "calibration.json")
MODEL_FILES = (*NETWORK_FILES, "scope.json", "scope.safetensors")
"""What decides what a model says; the version is made of these."""

EXPORT_FILES = ("export.json", "model.onnx", "model.int8.onnx")
"""What an export adds; they go stale when the model is trained anew."""

COPY_AGAIN = "Copy the whole model folder again, or train anew."
EXPORT_AGAIN = "Write it again with: jointbert export "

Seals = dict[str, dict[str, Any]]


def seal(folder: Path) -> None:
    """Write the manifest of what is in the folder now; in one step, so that no reader finds half of it."""
    names = [name for name in (*MODEL_FILES, *EXPORT_FILES) if (folder / name).is_file()]
    files = {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)} for name in names}
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")
    os.replace(fresh, folder / MANIFEST)


def break_seal(folder: Path) -> None:
    """Make the folder unreadable until it is sealed again: its files are about to change."""
    (folder / MANIFEST).unlink(missing_ok=True)


def read_seals(folder: Path) -> Seals | None:
    """What the manifest says of each file, by name; None where there is no manifest.

    Raises:
        ModelError: The manifest is broken.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): {"bytes": int(it["bytes"]), "sha256": str(it["sha256"])} for name, it in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"cannot be read as a manifest ({type(error).__name__}: {error})"
        raise ModelError(str(path), what, "sizes and checksums of the model's files", COPY_AGAIN) from error


def check_seals(folder: Path, seals: Seals, names: Iterable[str]) -> None:
    """Raise ModelError for the first of the named files that is not the one that the manifest was written for.

    So it does for one that cannot be read.
    """
    for name in names:
        path = folder / name
        hint = EXPORT_AGAIN + str(folder) if name in EXPORT_FILES else COPY_AGAIN
        if name not in seals:
            raise ModelError(str(path), "is not in the folder's manifest", f"a file that {MANIFEST} names", hint)
        expected = seals[name]
        try:
            size = path.stat().st_size
        except OSError as error:
            raise _unreadable(path, error) from error
        if size != expected["bytes"]:
            raise ModelError(str(path), f"has {size} bytes", f"the {expected['bytes']} of this very model", hint)
        found = sha256(path)
        if found != expected["sha256"]:
            what = f"is another file than the one that was saved (sha256 {found[:12]}...)"
            raise ModelError(str(path), what, f"{expected['sha256'][:12]}...", hint)


def version_of(folder: Path, seals: Seals | None) -> str:
    """Twelve hexadecimal digits that differ whenever the weights, the labels or the settings do."""
    whole = hashlib.sha256()
    for name in MODEL_FILES:
        if seals is not None and name in seals:
            whole.update(f"{name} {seals[name]['sha256']}\n".encode())
        elif seals is None and (folder / name).is_file():
            whole.update(f"{name} {sha256(folder / name)}\n".encode())
    return whole.hexdigest()[:12]


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ModelError:
    denied = isinstance(error, PermissionError)
    hint = "Give the user that runs this the right to read it." if denied else COPY_AGAIN
    return ModelError(str(path), f"cannot be read ({error.strerror or error})", None, hint)
