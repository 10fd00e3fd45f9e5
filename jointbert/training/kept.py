"""A folder in which finished parts of long work are kept, as long as nothing has changed that decides them."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from jointbert.checkpoint.manifest import sha256
from jointbert.config import Config
from jointbert.data.formats.jsonl import dumps, to_object
from jointbert.errors import ModelError
from jointbert.model.names import locate
from jointbert.training.corpus import Corpus
from jointbert.training.value_lists import read_value_lists

log = logging.getLogger("jointbert.training")

Paths = Callable[[], Sequence[Path]]

_READ = ("*.json", "*.safetensors", "*.txt", "*.model")
"""The files of an encoder's folder that a training may read: settings, weights, the tokenizer and its words."""


def fingerprint(settings: str, corpus: Corpus) -> str:
    """A name for all that decides the result: the settings and every utterance of train and dev."""
    digest = hashlib.sha256(settings.encode())
    outside = [split for split in (corpus.outside.train, corpus.outside.dev) if split]
    for split in (corpus.train, corpus.dev, *outside):
        digest.update(b"\n")
        digest.update("".join(dumps(item, to_object(item)) + "\n" for item in split).encode())
    return digest.hexdigest()


def run_print(config: Config, corpus: Corpus, more: str, encoders: Iterable[str] = ()) -> str:
    """A name for all that decides what trainings by a config give, what its keys only name included.

    That is every utterance, the content of the value lists, and of the encoder where it is a folder.

    Args:
        config: The checked config.
        corpus: What it reads.
        more: What else decides the result.
        encoders: Further ones that are tried, by name.

    Raises:
        DataError: The value lists are wrong.
        ModelError: A file of the encoder cannot be read.
    """
    settings = f"{more}\n{config.to_yaml()}"
    if config.data.values is not None:
        settings += json.dumps(read_value_lists(config.data.values, corpus.labels.slots or ()))
    return fingerprint(settings + "".join(map(_encoder_print, (config.encoder.name, *encoders))), corpus)


def _encoder_print(name: str) -> str:
    """The names of an encoder's files with their SHA-256 in hexadecimal; empty where it is no folder."""
    folder = Path(locate(name))
    found = sorted({path for pattern in _READ for path in folder.glob(pattern)}) if folder.is_dir() else []
    return "".join(f"{path.name} {sha256(path)}\n" for path in found)


def open_kept(
    marker: Path, content: dict[str, Any], parts: Paths, results: Paths, *, writer: str, differs: str
) -> None:
    """Make the folder of a marker ready: what equal work left is kept, what other work left is removed.

    Args:
        marker: The file that says whose the folder is.
        content: What it holds; work with an equal ``fingerprint`` is equal.
        parts: Lists the finished parts that are there.
        results: Lists what is made of them, and is there.
        writer: Who writes such a folder, for messages: ``"a cross-validation"``.
        differs: What other work differs in, for messages: ``"another config or other data"``.

    Raises:
        ModelError: There are parts and no marker, or the folder cannot be written.
    """
    output = marker.parent
    try:
        if marker.is_file():
            if json.loads(marker.read_text(encoding="utf-8")).get("fingerprint") == content["fingerprint"]:
                return
            log.warning("%s: is of %s; starting anew", output, differs)
            for path in (*parts(), *results()):
                _remove(path)
        elif foreign := parts():
            hint = "Choose another output folder, or move this one away."
            raise ModelError(str(foreign[0]), f"was not written by {writer}", "a free place", hint)
        output.mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps(content) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        what = f"cannot be used ({getattr(error, 'strerror', None) or error})"
        raise ModelError(str(output), what, "a folder of your own", "Choose another folder to write to.") from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
