"""The CRF on top of the tag logits: pytorch-crf, kept in fp32 and fed only rows that have words."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchcrf import CRF

Scores = NDArray[np.float64]


class TagCrf(nn.Module):
    """A linear-chain CRF over K tags. Training uses pytorch-crf; decoding is the codec's chain with these scores."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.chain = CRF(tags, batch_first=True)

    def reset(self) -> None:
        """Start from small random scores (pytorch-crf's own: uniform in ±0.1)."""
        self.chain.reset_parameters()

    def loss(self, tag_logits: Tensor, tag_ids: Tensor, word_mask: Tensor) -> Tensor:
        """Negative log-likelihood per word, so that it weighs as much as a cross-entropy.

        Args:
            tag_logits: (B, W, K).
            tag_ids: (B, W).
            word_mask: (B, W) bool, left-aligned. A row without words is left out: pytorch-crf needs a first word.

        Returns:
            A scalar in fp32, whatever autocast says; 0 when no row has a word.
        """
        rows = word_mask.any(-1)
        if not bool(rows.any()):
            return tag_logits.float().sum() * 0.0
        with torch.autocast(tag_logits.device.type, enabled=False):
            likelihood = self.chain(tag_logits[rows].float(), tag_ids[rows], word_mask[rows], reduction="token_mean")
        return cast(Tensor, -likelihood)

    def scores(self) -> tuple[Scores, Scores, Scores]:
        """The learned (start (K,), moves (K, K), end (K,)) scores."""
        start, moves, end = (
            parameter.detach().cpu().double().numpy()
            for parameter in (self.chain.start_transitions, self.chain.transitions, self.chain.end_transitions)
        )
        return start, moves, end
