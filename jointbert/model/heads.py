"""The two heads: an intent from the [CLS] state, a tag for each word from the word states."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jointbert.model.config import Pooling


def word_states(states: Tensor, word_pieces: Tensor, piece_words: Tensor, pooling: Pooling) -> Tensor:
    """One state for each word.

    Args:
        states: (B, T, H) piece states.
        word_pieces: (B, W) index of each word's first piece.
        piece_words: (B, T) the word of each piece, -1 for none.
        pooling: ``"first"`` gathers the first piece's state, ``"mean"`` averages all of the word's pieces.

    Returns:
        (B, W, H); rows beyond a text's words hold nothing of meaning.
    """
    hidden = states.size(-1)
    if pooling == "first":
        index = word_pieces.unsqueeze(-1).expand(-1, -1, hidden)
        return states.gather(1, index)  # (B,W,H)
    slot = (piece_words + 1).unsqueeze(-1)  # (B,T,1), bin 0 takes the special pieces
    bins = states.new_zeros(states.size(0), word_pieces.size(1) + 1, hidden)
    sums = bins.scatter_add(1, slot.expand_as(states), states)
    counts = bins[..., :1].scatter_add(1, slot, torch.ones_like(states[..., :1]))
    return (sums / counts.clamp(min=1))[:, 1:]  # (B,W,H)


class IntentHead(nn.Module):
    """Intent logits from the [CLS] hidden state.

    Source:
        Chen, Zhuo and Wang 2019, arXiv:1902.10909, section 3.2, equation 1: softmax(W h_1 + b).
    """

    def __init__(self, hidden: int, intents: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden, intents)

    def forward(self, cls_state: Tensor) -> Tensor:
        """(B, H) → (B, N)."""
        logits: Tensor = self.classifier(self.dropout(cls_state))
        return logits


class SlotHead(nn.Module):
    """Tag logits from the word states, optionally told what the intent head thinks.

    Source:
        Chen, Zhuo and Wang 2019, arXiv:1902.10909, section 3.2, equation 2. The intent conditioning is ours: a learned
        projection of the intent's probabilities is added to every word state.
    """

    def __init__(self, hidden: int, tags: int, dropout: float, intents: int = 0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden, tags)
        self.intent_states = nn.Linear(intents, hidden, bias=False) if intents else None

    def forward(self, words: Tensor, intent_logits: Tensor | None) -> Tensor:
        """(B, W, H) and (B, N) → (B, W, K)."""
        if self.intent_states is not None and intent_logits is not None:
            chances = intent_logits.detach().softmax(-1).to(words.dtype)
            words = words + self.intent_states(chances).unsqueeze(1)
        logits: Tensor = self.classifier(self.dropout(words))
        return logits
