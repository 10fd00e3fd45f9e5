"""What is in a model folder besides the network: settings, labels and tokenizer, checked. Loads no torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jointbert.checkpoint.manifest import (
    COPY_AGAIN,
    EXPORT_AGAIN,
    EXPORT_FILES,
    MANIFEST,
    Seals,
    check_seals,
    read_seals,
    version_of,
)
from jointbert.checkpoint.scope_file import read_scope, scope_names
from jointbert.codec import Calibration, Codec
from jointbert.codec.calibration import FILE
from jointbert.codec.scope import Scope
from jointbert.errors import ModelError
from jointbert.labels import Labels, LabelSet

FORMAT_VERSION = 2
"""Version of the folder's layout (2 has a manifest); an older one is read, a newer one is refused."""

FILES = ("config.json", "model.safetensors", "tokenizer.json", "labels.json")
"""What every model folder holds."""


@dataclass(frozen=True)
class Contents:
    """A model folder whose files are those that were saved together.

    Args:
        folder: Where it is.
        settings: What ``config.json`` says.
        labels: The names behind the logits.
        codec: Text → arrays.
        version: Twelve hexadecimal digits that name this very model.
        seals: What the manifest says of each file; None for a folder of the first format.
        calibration: What makes probabilities of the logits; None for a model that was never calibrated.
        scope: What tells utterances in scope from others; None for a model that cannot.
    """

    folder: Path
    settings: dict[str, Any]
    labels: Labels
    codec: Codec
    version: str
    seals: Seals | None
    calibration: Calibration | None
    scope: Scope | None = None

    @property
    def pad_id(self) -> int:
        """The piece that fills a batch."""
        return int(self.settings["encoder"].get("pad_token_id") or 0)

    def sha256(self, name: str) -> str | None:
        """The checksum of a file as it was saved, in hexadecimal; None where the manifest has none."""
        return None if self.seals is None or name not in self.seals else str(self.seals[name]["sha256"])

    def check(self, *names: str) -> None:
        """Raise ModelError unless the files are there and are the ones that were saved."""
        _check_files(self.folder, names)
        if self.seals is not None:
            check_seals(self.folder, self.seals, names)


def open_contents(folder: Path | str, names: Sequence[str] = FILES) -> Contents:
    """The checked contents of a model folder.

    Args:
        folder: What ``jointbert train`` wrote.
        names: The files that the caller goes on to read: they must be there, and be the ones that were saved.

    Raises:
        ModelError: The folder or one of its files is missing, broken, of another model, or of a newer version.
    """
    folder = Path(folder)
    _check_files(folder, names)
    settings = _read_config(folder / "config.json")
    seals = read_seals(folder)
    if seals is None and settings.get("format_version", 1) >= 2:
        raise ModelError(str(folder / MANIFEST), "is missing", "the manifest that training writes last", COPY_AGAIN)
    labels = Labels.load(folder / "labels.json")
    _check_sizes(folder, settings, labels)
    codec = Codec.from_folder(folder, labels, settings["max_pieces"])
    _check_pieces(folder, settings, codec)
    calibrated = (folder / FILE).exists() if seals is None else FILE in seals
    scoped = scope_names(folder, None if seals is None else set(seals))
    names = (*names, *scoped, *((FILE,) if calibrated else ()))
    _check_files(folder, names)
    calibration = Calibration.load(folder / FILE) if calibrated else None
    scope = read_scope(folder, labels, _hidden(settings)) if scoped else None
    contents = Contents(folder, settings, labels, codec, version_of(folder, seals), seals, calibration, scope)
    contents.check(*names)
    return contents


def holds(folder: Path, name: str) -> bool:
    """Whether a model folder has a file.

    Raises:
        ModelError: This user may not look into the folder.
    """
    try:
        return (folder / name).is_file()
    except PermissionError as error:
        hint = "Ask whoever owns it, or let this user in with: chmod u+rx " + str(folder)
        raise ModelError(str(folder), "may not be looked into by this user", "a model folder", hint) from error


def kind_of(folder: Path) -> str | None:
    """The ``model_type`` that a folder's config.json names; None where there is none, or nothing to read."""
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return settings.get("model_type") if isinstance(settings, dict) else None


def _check_files(folder: Path, names: Sequence[str]) -> None:
    if folder.exists() and not folder.is_dir():
        hint = "Give the folder that config.json and model.safetensors are in."
        raise ModelError(str(folder), "is a file", "a model folder", hint)
    if not folder.is_dir():
        hint = "Train one with: jointbert train CONFIG --output " + str(folder)
        raise ModelError(str(folder), "is not there", "a folder that `jointbert train` wrote", hint)
    for name in names:
        if not holds(folder, name):
            hint = EXPORT_AGAIN + str(folder) if name in EXPORT_FILES else COPY_AGAIN
            raise ModelError(str(folder / name), "is missing", f"a model folder with {', '.join(names)}", hint)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(str(path), f"cannot be read as JSON ({error})", None, COPY_AGAIN) from error
    if not isinstance(settings, dict) or settings.get("model_type") != "jointbert":
        found = settings.get("model_type") if isinstance(settings, dict) else type(settings).__name__
        hint = "An encoder is named in a config's encoder.name; a model is what `jointbert train` writes."
        raise ModelError(str(path), f"model_type is {found!r}", "'jointbert'", hint)
    version = settings.get("format_version", 1)
    if not isinstance(version, int) or version > FORMAT_VERSION:
        what = f"has format version {version!r}, and this jointbert reads up to {FORMAT_VERSION}"
        raise ModelError(str(path), what, None, "Upgrade with: pip install --upgrade jointbert")
    missing = {"encoder", "intents", "tags", "max_pieces"} - settings.keys()
    if missing:
        raise ModelError(str(path), f"lacks {', '.join(sorted(missing))}", "a joint model's config", COPY_AGAIN)
    for key in ("intents", "tags", "max_pieces"):
        if type(settings[key]) is not int or settings[key] < 0:
            raise ModelError(str(path), f"{key} is {settings[key]!r}", "a whole number", COPY_AGAIN)
    encoder = settings["encoder"]
    if not isinstance(encoder, dict) or not {"model_type", "vocab_size"} <= encoder.keys():
        raise ModelError(str(path), f"encoder is {str(encoder)[:80]!r}", "an encoder's own configuration", COPY_AGAIN)
    return settings


def _hidden(settings: dict[str, Any]) -> int | None:
    """How wide the encoder's states are; DistilBERT has another word for it."""
    found = settings["encoder"].get("hidden_size", settings["encoder"].get("dim"))
    return int(found) if isinstance(found, int) else None


def _check_sizes(folder: Path, settings: dict[str, Any], labels: Labels) -> None:
    sets: dict[str, LabelSet | None] = {"intents": labels.intents, "tags": labels.tags}
    for key, names in sets.items():
        count = 0 if names is None else len(names)
        if settings[key] != count:
            what = f"names {count} {key} but config.json has {settings[key]}"
            raise ModelError(str(folder / "labels.json"), what, "the labels of this very model", COPY_AGAIN)


def _check_pieces(folder: Path, settings: dict[str, Any], codec: Codec) -> None:
    """Another model's tokenizer may name pieces that this encoder has no embedding for."""
    known = settings["encoder"]["vocab_size"]
    if codec.highest_piece >= known:
        what = f"has a piece with id {codec.highest_piece} but the encoder of config.json knows {known}"
        raise ModelError(str(folder / "tokenizer.json"), what, "the tokenizer of this very model", COPY_AGAIN)
