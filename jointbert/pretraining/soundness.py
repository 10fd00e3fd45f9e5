"""Whether a corpus that was read can teach what is asked of it, and what of it is lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from jointbert.errors import DataError

if TYPE_CHECKING:
    from datasets import Dataset

log = logging.getLogger("jointbert.pretraining")

NOTABLE = 0.05
"""Shares above this are warned of: of the pieces those that the tokenizer does not know, of the documents those without
a next sentence."""

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

_WHERE = "corpus.sources"


def check_documents(sizes: Ints, held: Bools, nsp: bool) -> None:
    """See that training and measuring both have something to read.

    Args:
        sizes: (D,) sentences of each document.
        held: (D,) which documents are held out.
        nsp: Whether pairs of sentences are asked for.

    Raises:
        DataError: One of them has not.
    """
    for part, chosen in (("training", ~held), ("held-out", held)):
        if not chosen.any():
            what = f"hold {len(sizes)} documents, none of them for the {part} part"
            hint = "Give more text, part it by blank lines, or set document_lines on its source."
            raise DataError(_WHERE, what, "a few hundred documents", hint)
    if nsp:
        _check_pairs(sizes, held)


def _check_pairs(sizes: Ints, held: Bools) -> None:
    wanted = "documents of several sentences for next-sentence pairs"
    other = "or set objective.nsp: false"
    if not (sizes > 1).any():
        hint = (
            f"Give whole documents with blank lines between them, set document_lines on the source of a log, {other}."
        )
        raise DataError(_WHERE, f"hold no document of two sentences among {len(sizes)}", wanted, hint)
    cures = {"training": "Give more text", "held-out": "Set a larger corpus.held_out, give more text"}
    for part, chosen in (("training", ~held), ("held-out", held)):
        count, several = int(chosen.sum()), int((sizes[chosen] > 1).sum())
        if count < 2 or not several:
            parted = f"of {len(sizes)} documents {count} are in the {part} part"
            what = f"{parted}, and {several} of these have two sentences or more"
            hint = f"{cures[part]}, set document_lines on the source of a log, {other}."
            raise DataError(_WHERE, what, "two in each part, one of several sentences, for next-sentence pairs", hint)


def warn_of_losses(documents: Dataset, sizes: Ints, unknown_id: int | None, nsp: bool) -> None:
    """Log what share of a corpus teaches nothing, where it is notable: unknown pieces, documents without a pair.

    Args:
        documents: All documents as pieces.
        sizes: (D,) sentences of each.
        unknown_id: The piece that stands for what the tokenizer does not know; None: it knows everything.
        nsp: Whether pairs of sentences are asked for.
    """
    pieces, unknown = count_unknown(documents, unknown_id)
    if unknown > NOTABLE * pieces:
        what = f"{unknown:,} of {pieces:,} pieces ({unknown / pieces:.1%}) are unknown to the tokenizer"
        hint = "Take a tokenizer, or a --from, for the text's language, or make one: jointbert tokenizer train."
        log.warning("%s: %s; expected at most %.0f%%. %s", _WHERE, what, 100 * NOTABLE, hint)
    alone = int((sizes < 2).sum())
    if nsp and alone > NOTABLE * len(sizes):
        what = f"{alone:,} of {len(sizes):,} documents ({alone / len(sizes):.1%}) have one sentence and make no pair"
        hint = "Part whole documents by blank lines, or set objective.nsp: false to learn from these, too."
        log.warning("%s: %s; expected at most %.0f%%. %s", _WHERE, what, 100 * NOTABLE, hint)


def count_unknown(documents: Dataset, unknown_id: int | None) -> tuple[int, int]:
    """How many pieces the documents have, and how many of them are the unknown one; a chunk in memory at a time."""
    pieces = unknown = 0
    for chunk in documents.data.column("ids").chunks:
        ids = chunk.flatten().to_numpy()
        pieces += len(ids)
        unknown += int((ids == unknown_id).sum()) if unknown_id is not None else 0
    return pieces, unknown
