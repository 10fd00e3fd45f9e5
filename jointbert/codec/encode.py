"""Encoding: texts and utterances become arrays of pieces and words, and every misfit is counted with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from tokenizers import Tokenizer

from jointbert.codec.align import Misfit, Words, lay_spans
from jointbert.codec.texts import Encoded, TextCodec
from jointbert.errors import AlignmentError, ModelError
from jointbert.labels import Labels
from jointbert.utterance import Utterance

OnMisfit = Literal["widen", "error"]
OnOverlong = Literal["truncate", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that encoding could not carry over as it stood.

    Args:
        where: ``file:line`` of the utterance, or its text.
        kind: ``"widened"``, ``"lost"`` or ``"truncated"``.
        message: What happened, with the value.
    """

    where: str
    kind: str
    message: str


class Codec(TextCodec):
    """Turns raw text and labelled utterances into :class:`Encoded`. Safe to share between threads.

    Args:
        tokenizer: A fast tokenizer with its post-processor (special pieces) in place. It is copied.
        labels: The names that utterances may carry.
        max_pieces: Longest input in pieces, special ones included.
    """

    def __init__(self, tokenizer: Tokenizer, labels: Labels, max_pieces: int) -> None:
        super().__init__(tokenizer, max_pieces)
        self.labels = labels

    @classmethod
    def from_folder(cls, folder: Path, labels: Labels, max_pieces: int) -> Codec:
        """A codec on a model folder's ``tokenizer.json``.

        Raises:
            ModelError: The file is missing or broken.
        """
        path = folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
        except Exception as error:  # the library raises bare Exception on malformed JSON
            raise ModelError(
                str(path),
                f"cannot be read as a tokenizer ({type(error).__name__}: {error})",
                "the file that training wrote",
                "Copy the whole model folder again, or train anew.",
            ) from error
        return cls(tokenizer, labels, max_pieces)

    def encode(
        self,
        utterances: Sequence[Utterance],
        on_misfit: OnMisfit = "widen",
        on_overlong: OnOverlong = "truncate",
    ) -> tuple[list[Encoded], list[Notice]]:
        """Labelled utterances as arrays, and a notice of everything that did not fit.

        Args:
            utterances: Utterances whose labels are all known.
            on_misfit: What to do with a span that cuts a word: widen it to whole words, or raise.
            on_overlong: What to do with a text beyond ``max_pieces``: cut it, or raise.

        Raises:
            AlignmentError: A misfit or an overlong text under ``"error"``.
            DataError: A label is unknown.
        """
        notices: list[Notice] = []
        encoded = []
        for utterance, bare in zip(utterances, self.encode_texts([item.text for item in utterances]), strict=True):
            encoded.append(self._label(utterance, bare, notices))
        policies = {"widened": on_misfit, "lost": on_misfit, "truncated": on_overlong}
        for notice in notices:
            if policies[notice.kind] == "error":
                raise AlignmentError(
                    notice.where,
                    notice.message,
                    "spans on whole words and texts within the encoder's length",
                    "Correct the utterance, or set data.on_misfit: widen / data.on_overlong: truncate.",
                )
        return encoded, notices

    def _label(self, utterance: Utterance, bare: Encoded, notices: list[Notice]) -> Encoded:
        where = utterance.where or repr(utterance.text[:60])
        intent_id = tag_ids = None
        if self.labels.intents is not None and utterance.intent is not None:
            intent_id = self.labels.intents.id(utterance.intent, where)
        if self.labels.tags is not None:
            runs, misfits = lay_spans(bare.words.offsets, utterance.spans)
            tag_ids = np.zeros(len(bare.words.offsets), dtype=np.int64)
            for first, last, slot in runs:
                tag_ids[first:last] = self.labels.tags.id(f"I-{slot}", where)
                tag_ids[first] -= 1  # B-x stands right before I-x
            notices.extend(_notice(where, misfit, bare.words) for misfit in misfits)
        if bare.words.truncated_at is not None:
            message = f"only the first {bare.words.truncated_at} of {len(utterance.text)} characters fit"
            notices.append(Notice(where, "truncated", f"{message} into {self.max_pieces} pieces"))
        return replace(bare, intent_id=intent_id, tag_ids=tag_ids)


def _notice(where: str, misfit: Misfit, words: Words) -> Notice:
    span = misfit.span
    what = f"slot {span.slot!r} {span.value!r} [{span.start}:{span.end}]"
    if misfit.widened_to is not None:
        return Notice(
            where, "widened", f"{what} cuts a word; it now covers [{misfit.widened_to[0]}:{misfit.widened_to[1]}]"
        )
    beyond = words.truncated_at is not None and span.end > words.truncated_at
    return Notice(where, "lost", f"{what} " + ("lies behind the cut" if beyond else "has no word of its own"))
