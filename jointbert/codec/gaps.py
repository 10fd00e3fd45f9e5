"""Texts with gaps: ``[MASK]`` in a text is the piece that an encoder is to guess."""

from __future__ import annotations

import numpy as np

from jointbert.codec.pairs import PairCodec, Pieces

GAP = "[MASK]"
"""How a gap is written, whatever the tokenizer calls its own piece."""


def pieces_with_gaps(codec: PairCodec, text: str) -> Pieces:
    """A text as pieces, with the masking piece where it says ``[MASK]``; no other special piece can be written.

    Args:
        codec: Text → pieces.
        text: Any text.
    """
    parts = codec.pieces(text.split(GAP))
    ids, starts = [parts[0].ids], [parts[0].starts]
    for part in parts[1:]:
        ids += [np.array([codec.mask_id]), part.ids]
        starts += [np.array([True]), part.starts]
    return Pieces(np.concatenate(ids), np.concatenate(starts))
