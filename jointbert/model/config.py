"""JointBertConfig: what a joint model is made of, saved as ``config.json``."""

from __future__ import annotations

from typing import Any, Literal

from transformers import PreTrainedConfig

Pooling = Literal["first", "mean"]


class JointBertConfig(PreTrainedConfig):
    """The shape of a joint model.

    Args:
        encoder: The encoder's own Hugging Face configuration, as a dictionary with ``model_type``.
        intents: Number of intents N; 0 leaves the intent head out.
        tags: Number of tags K; 0 leaves the slot head out.
        crf: Put a CRF on the tag logits.
        pooling: How a word's state comes from its pieces: the first one, or their mean.
        dropout: Share of states dropped before each head in training (0..1).
        slot_weight: Weight of the slot loss in the sum of losses.
        intent_conditioned: Add a projection of the intent's probabilities to the word states.
        max_pieces: Longest input in pieces, special ones included.
        piece_dropout: Share of pieces hidden behind ``unknown_id`` in training (0..1).
        unknown_id: Id of the tokenizer's unknown piece; needed for ``piece_dropout``.
        format_version: Version of the model folder's layout.
    """

    model_type = "jointbert"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        intents: int = 0,
        tags: int = 0,
        crf: bool = False,
        pooling: Pooling = "first",
        dropout: float = 0.1,
        slot_weight: float = 1.0,
        intent_conditioned: bool = False,
        max_pieces: int = 512,
        piece_dropout: float = 0.0,
        unknown_id: int = 0,
        format_version: int = 1,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {}
        self.intents = intents
        self.tags = tags
        self.crf = crf
        self.pooling = pooling
        self.dropout = dropout
        self.slot_weight = slot_weight
        self.intent_conditioned = intent_conditioned
        self.max_pieces = max_pieces
        self.piece_dropout = piece_dropout
        self.unknown_id = unknown_id
        self.format_version = format_version
        super().__init__(**kwargs)
