"""Opening an encoder with its tokenizer, from whichever kind of folder or name holds it."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
from torch import nn

from jointbert.checkpoint.folder import load_folder
from jointbert.codec import TextCodec
from jointbert.codec.pretrained import load_tokenizer
from jointbert.errors import ModelError, first_line
from jointbert.model.encoder import load_encoder, max_positions, quiet
from jointbert.model.names import locate
from jointbert.model.pooling import TextPooling

COPY_AGAIN = "Copy the encoder's whole folder again."

_POOLINGS: dict[str, TextPooling] = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
"""What sentence-transformers calls the poolings that there are here."""

_logger = logging.getLogger("jointbert.inference")


@dataclass(frozen=True)
class Opened:
    """An encoder that texts can go through.

    Args:
        encoder: The network, in fp32 and eval mode.
        codec: Text → pieces.
        pad_id: The piece that fills a batch.
        pooling: How the checkpoint makes one vector of a text's states.
    """

    encoder: nn.Module
    codec: TextCodec
    pad_id: int
    pooling: TextPooling


def open_encoder(path: Path | str, pooling: TextPooling | None = None) -> Opened:
    """The encoder of a folder, a known name, a hub id, or of a trained model's folder.

    Args:
        path: Where it is.
        pooling: What the caller wants in place of the checkpoint's own pooling.

    Raises:
        ModelError: It cannot be had, or its parts do not belong together.
    """
    place = locate(str(path))
    if _read(Path(place) / "config.json").get("model_type") == "jointbert":
        model, contents = load_folder(place)
        return Opened(model.encoder, contents.codec, contents.pad_id, pooling or "mean")
    encoder = load_encoder(str(path))
    encoder.train(False)
    tokenizer = load_tokenizer(place)
    settings: Any = encoder.config
    codec = TextCodec(tokenizer.backend_tokenizer, min(_own_length(place), max_positions(settings)))
    _check_pair(str(path), codec, int(settings.vocab_size), tokenizer.cls_token_id)
    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else settings.pad_token_id
    return Opened(encoder, codec, int(pad_id or 0), pooling or _own_pooling(place))


def _read(path: Path | None) -> dict[str, Any]:
    """The JSON object that a file holds; an empty one where there is no file.

    Raises:
        ModelError: It holds something else.
    """
    if path is None or not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(str(path), f"cannot be read as JSON ({first_line(error)})", None, COPY_AGAIN) from error
    if not isinstance(content, dict):
        raise ModelError(str(path), f"is a JSON {type(content).__name__}", "an object", COPY_AGAIN)
    return content


def _beside(place: str, name: str) -> Path | None:
    """A small file of an encoder's folder, fetched where the encoder is on the hub; None where it has none."""
    if Path(place).is_dir():
        return Path(place) / name
    try:
        with quiet():
            return Path(hf_hub_download(place, name))
    except LocalEntryNotFoundError:
        _logger.warning("%s: could not ask the hub for %s; it is taken to have none", place, name)
    except EntryNotFoundError:
        pass
    return None


def _own_length(place: str) -> int:
    """How many pieces the checkpoint was made to read, where it is one of sentence-transformers that says so."""
    path = _beside(place, "sentence_bert_config.json")
    length = _read(path).get("max_seq_length")
    if length is None:
        return sys.maxsize
    if not isinstance(length, int) or length < 3:
        raise ModelError(str(path), f"max_seq_length is {length!r}", "a number of pieces from 3 on", COPY_AGAIN)
    return length


def _check_pair(name: str, codec: TextCodec, vocabulary: int, cls_id: int | None) -> None:
    """Raise ModelError for a tokenizer that is not this encoder's, or that marks no text's beginning."""
    if codec.highest_piece >= vocabulary:
        what = f"has a piece with id {codec.highest_piece} but the encoder knows {vocabulary}"
        hint = "Copy the tokenizer that was trained with it."
        raise ModelError(f"tokenizer of {name!r}", what, "the tokenizer of this very encoder", hint)
    if codec.encode_texts([""])[0].input_ids[:1].tolist() != [cls_id]:
        hint = "Choose an encoder of the BERT family."
        raise ModelError(f"tokenizer of {name!r}", "puts no [CLS] piece first", "a BERT-family tokenizer", hint)


def _own_pooling(place: str) -> TextPooling:
    """The pooling that a checkpoint of sentence-transformers names; mean where it names none.

    Raises:
        ModelError: It names one that is neither the mean nor [CLS].
    """
    path = _beside(place, "1_Pooling/config.json")
    content = _read(path)
    modes = [name for name in content if name.startswith("pooling_mode_") and content[name] is True]
    if not modes:
        return "mean"
    if len(modes) > 1 or modes[0] not in _POOLINGS:
        hint = "Choose one with pooling="
        raise ModelError(str(path), f"asks for {' and '.join(modes)}", f"one of {', '.join(_POOLINGS)}", hint)
    return _POOLINGS[modes[0]]
