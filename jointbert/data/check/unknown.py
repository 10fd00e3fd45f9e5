"""The rule about characters that an encoder's vocabulary does not know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jointbert.data.check.options import Options, Splits, place
from jointbert.data.problem import Problem
from jointbert.errors import DataError, first_line
from jointbert.utterance import Utterance

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SHARE = 0.05
"""The share of unknown pieces (0..1) above which a split is reported."""

_BATCH = 1000
_EXPECTED = "a tokenizer.json, a folder that holds one, or a hub id"
_NEXT = "Check the path or the name given with --encoder."


def unknown(splits: Splits, options: Options) -> Iterator[Problem]:
    """The finding ``unknown-pieces``, one for each split, when an encoder is named.

    Raises:
        DataError: The encoder has no tokenizer that can be opened.
    """
    if options.encoder is None:
        return
    tokenizer = open_tokenizer(options.encoder)
    name = json.loads(tokenizer.to_str())["model"].get("unk_token")
    identity = None if name is None else tokenizer.token_to_id(name)
    if identity is None:
        return  # a byte-level vocabulary knows everything
    for split, utterances in splits.items():
        pieces, lost = _count(tokenizer, identity, utterances)
        if pieces and lost.total() / pieces > SHARE:
            yield _problem(split, utterances, pieces, lost, options.encoder)


def open_tokenizer(encoder: str) -> Tokenizer:
    """The tokenizer of an encoder.

    Args:
        encoder: A ``tokenizer.json``, a folder that holds one, or a hub id.

    Raises:
        DataError: There is none, or it cannot be read.
    """
    from tokenizers import Tokenizer

    path = Path(encoder)
    if not path.exists() and (path.is_absolute() or encoder.startswith(".")):  # no hub id looks like that
        raise DataError(encoder, "does not exist", _EXPECTED, _NEXT)
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        tokenizer = Tokenizer.from_file(str(file)) if path.exists() else Tokenizer.from_pretrained(encoder)
    except Exception as error:  # the library raises nothing more precise
        raise DataError(
            encoder,
            f"has no tokenizer that can be read ({first_line(error)})",
            _EXPECTED,
            _NEXT,
        ) from error
    tokenizer.no_padding()  # as some files want it: padding would count as pieces that are known
    tokenizer.no_truncation()
    return tokenizer


def _count(tokenizer: Tokenizer, identity: int, utterances: Sequence[Utterance]) -> tuple[int, Counter[str]]:
    """The number of pieces, and how often each text became an unknown piece."""
    pieces, lost = 0, Counter[str]()
    texts: Iterator[str] = (utterance.text.encode("utf-8", "replace").decode() for utterance in utterances)
    while batch := list(islice(texts, _BATCH)):
        for text, encoding in zip(batch, _encode(tokenizer, batch), strict=True):
            pieces += len(encoding.ids)
            if identity in encoding.ids:
                for index, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
                    if index == identity:
                        lost[text[start:end]] += 1
    return pieces, lost


def _encode(tokenizer: Tokenizer, batch: list[str]) -> Sequence[Any]:
    return tokenizer.encode_batch(batch, add_special_tokens=False)


def _problem(split: str, utterances: Sequence[Utterance], pieces: int, lost: Counter[str], encoder: str) -> Problem:
    commonest = ", ".join(f"{text!r} ({count})" for text, count in lost.most_common(5))
    return Problem(
        place(utterances[0]).rpartition(":")[0] or split,
        "unknown-pieces",
        "warning",
        f"{lost.total() / pieces:.0%} of the pieces of {split} are unknown to {encoder}; expected at most "
        f"{SHARE:.0%}; the commonest: {commonest}",
        "Choose an encoder for this language.",
    )
