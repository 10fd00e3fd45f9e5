"""Trying a pretrained encoder: what it puts into gaps, and whether it takes one text for another's sequel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointbert.codec.gaps import GAP, pieces_with_gaps
from jointbert.codec.pairs import Pair, PairCodec
from jointbert.codec.pretrained import FastTokenizer, load_tokenizer
from jointbert.errors import DataError, ModelError
from jointbert.model.guessing import guess
from jointbert.model.names import locate
from jointbert.model.pretraining import MLM_HEAD, NSP_HEAD, PretrainingBert, load_pretraining_model


@dataclass(frozen=True, slots=True)
class Fill:
    """A piece that may stand in a gap.

    Args:
        piece: As the vocabulary has it; ``##`` begins one that goes on with a word.
        score: Its probability (0..1).
    """

    piece: str
    score: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What an encoder made of its input.

    Args:
        gaps: For each ``[MASK]``, in order, its likeliest fills, the best first.
        follows: The probability (0..1) that the second text follows the first; None without a second.
    """

    gaps: tuple[tuple[Fill, ...], ...]
    follows: float | None


def try_encoder(name: str, text: str, second: str | None = None, top: int = 5) -> Trial:
    """What a pretrained encoder puts into each ``[MASK]``, and whether it takes the second text for a sequel.

    Args:
        name: A BERT encoder's folder, a known name or a hub id, saved with its pretraining heads.
        text: A text in which each ``[MASK]`` is a gap.
        second: A text that may follow it; it may have gaps too.
        top: How many fills of each gap.

    Raises:
        ModelError: The encoder cannot be had, or was saved without the head that is asked for.
        DataError: There is neither a gap nor a second text, the texts are longer than the encoder reads, or ``top`` is
            below 1.
    """
    if top < 1:
        raise DataError("top", f"is {top}", "at least 1", "Leave it out for 5.")
    wants_gaps = GAP in text or (second is not None and GAP in second)
    if not wants_gaps and second is None:
        hint = "Write [MASK] for a word, or give a second text."
        raise DataError("text", f"has no {GAP}", "a gap to fill, or a second text", hint)
    model, missing = load_pretraining_model(name)
    _check_heads(
        name, {MLM_HEAD} & missing if wants_gaps else set(), {NSP_HEAD} & missing if second is not None else set()
    )
    model.train(False)
    tokenizer = load_tokenizer(locate(name))
    if tokenizer.mask_token_id is None or len(tokenizer) > model.config.vocab_size:
        what = f"has {len(tokenizer)} pieces and masks with {tokenizer.mask_token!r}"
        expected = f"at most the encoder's {model.config.vocab_size} pieces, a masking piece among them"
        raise ModelError(f"tokenizer of {name!r}", what, expected, "Copy the encoder's whole folder again.")
    codec = PairCodec(tokenizer)
    follower = None if second is None else pieces_with_gaps(codec, second)
    pair = codec.join(pieces_with_gaps(codec, text), follower)
    return _guess(model, tokenizer, pair, second is not None, top)


def _check_heads(name: str, mlm: set[str], nsp: set[str]) -> None:
    """Raise ModelError for a head that is needed and was not saved."""
    for missing, head, told in ((mlm, "MLM", "what stands in a gap"), (nsp, "NSP", "whether a text follows another")):
        if missing:
            raise ModelError(
                f"encoder {name!r}",
                f"was saved without its {head} head, so it cannot tell {told}",
                f"a checkpoint with its {head} head",
                "Make one with: jointbert pretrain CONFIG",
            )


def _guess(model: PretrainingBert, tokenizer: FastTokenizer, pair: Pair, has_second: bool, top: int) -> Trial:
    longest = int(model.config.max_position_embeddings)
    if len(pair.input_ids) > longest:
        what = f"comes to {len(pair.input_ids)} pieces, special ones included"
        raise DataError("text", what, f"at most the encoder's {longest}", "Shorten it.")
    segments = (np.arange(len(pair.input_ids)) >= pair.segment_b).astype(np.int64)
    places = np.flatnonzero(pair.input_ids == tokenizer.mask_token_id)
    fills, follows = guess(model, pair.input_ids, segments, places)
    gaps = []
    for row in fills[:, : len(tokenizer)]:
        best = np.argsort(-row, kind="stable")[:top]
        pieces = tokenizer.convert_ids_to_tokens(best.tolist())
        gaps.append(tuple(Fill(piece, float(score)) for piece, score in zip(pieces, row[best], strict=True)))
    return Trial(tuple(gaps), follows if has_second else None)
