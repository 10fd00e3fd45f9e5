"""The joint model: one encoder, an intent head and a slot head, one summed loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers.utils.generic import ModelOutput

from jointbert.model.config import JointBertConfig
from jointbert.model.crf import TagCrf
from jointbert.model.encoder import empty_encoder, encode
from jointbert.model.heads import IntentHead, SlotHead, word_states

Logits = NDArray[np.float32]


@dataclass
class JointOutput(ModelOutput):
    """What a forward pass gives.

    Args:
        loss: Scalar; None without gold labels.
        intent_logits: (B, N), or None without an intent head.
        tag_logits: (B, W, K), or None without a slot head.
        cls_state: (B, H) the encoder's last [CLS] state, which the intent head sees.
    """

    loss: Tensor | None = None
    intent_logits: Tensor | None = None
    tag_logits: Tensor | None = None
    cls_state: Tensor | None = None


class JointBert(PreTrainedModel):
    """Joint intent classification and slot filling.

    Source:
        Chen, Zhuo and Wang 2019, "BERT for Joint Intent Classification and Slot Filling", arXiv:1902.10909.

    Args:
        config: The shape.
        encoder: A ready encoder; None builds an empty one of ``config.encoder`` (to be filled with saved weights).
    """

    config_class = JointBertConfig
    base_model_prefix = "encoder"
    _supports_sdpa = True
    _no_split_modules: list[str] = []  # noqa: RUF012 (the library's own convention)

    def __init__(self, config: JointBertConfig, encoder: nn.Module | None = None) -> None:
        super().__init__(config)
        self.encoder = encoder if encoder is not None else empty_encoder(config.encoder)
        settings: Any = self.encoder.config
        hidden = int(settings.hidden_size)  # the attribute: DistilBERT's dictionary calls it "dim"
        self.intent_head = IntentHead(hidden, config.intents, config.dropout) if config.intents else None
        conditioned = config.intents if config.intent_conditioned else 0
        self.slot_head = SlotHead(hidden, config.tags, config.dropout, conditioned) if config.tags else None
        self.crf = TagCrf(config.tags) if config.tags and config.crf else None
        self.post_init()  # type: ignore[no-untyped-call]
        if encoder is not None:
            self.reset_heads()

    def reset_heads(self) -> None:
        """Give the heads and the CRF fresh weights: normal with deviation 0.02, biases zero."""
        for head in (self.intent_head, self.slot_head):
            for module in head.modules() if head is not None else ():
                self._init_weights(module)
        if self.crf is not None:
            self.crf.reset()

    def _init_weights(self, module: nn.Module) -> None:
        """Initialise what a checkpoint did not bring; the encoder's own layers keep what they have."""
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, TagCrf):
            module.reset()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        word_pieces: Tensor,
        piece_words: Tensor,
        word_mask: Tensor,
        intent_ids: Tensor | None = None,
        tag_ids: Tensor | None = None,
        **_: Any,
    ) -> JointOutput:
        """Logits, and the loss where gold labels are given.

        Args:
            input_ids: (B, T) int64.
            attention_mask: (B, T) int64, 1 = real.
            word_pieces: (B, W) int64, each word's first piece.
            piece_words: (B, T) int64, the word of each piece or -1.
            word_mask: (B, W) bool, True = real, left-aligned.
            intent_ids: (B,) int64.
            tag_ids: (B, W) int64.

        Returns:
            ``loss = intent cross-entropy + slot_weight * slot cross-entropy (or CRF negative log-likelihood)``.
        """
        states = encode(self.encoder, self._hide(input_ids, piece_words), attention_mask)  # (B,T,H)
        intent_logits = self.intent_head(states[:, 0]) if self.intent_head is not None else None  # (B,N)
        tag_logits = None
        if self.slot_head is not None:
            words = word_states(states, word_pieces, piece_words, self.config.pooling)  # (B,W,H)
            tag_logits = self.slot_head(words, intent_logits)  # (B,W,K)
        losses = []
        if intent_logits is not None and intent_ids is not None:
            losses.append(functional.cross_entropy(intent_logits.float(), intent_ids))
        if tag_logits is not None and tag_ids is not None:
            losses.append(self.config.slot_weight * self._slot_loss(tag_logits, tag_ids, word_mask))
        return JointOutput(torch.stack(losses).sum() if losses else None, intent_logits, tag_logits, states[:, 0])

    def _slot_loss(self, tag_logits: Tensor, tag_ids: Tensor, word_mask: Tensor) -> Tensor:
        if self.crf is not None:
            return self.crf.loss(tag_logits, tag_ids, word_mask)
        if not bool(word_mask.any()):
            return tag_logits.float().sum() * 0.0
        return functional.cross_entropy(tag_logits[word_mask].float(), tag_ids[word_mask])

    def _hide(self, input_ids: Tensor, piece_words: Tensor) -> Tensor:
        """Hide a share of the word pieces behind the unknown piece, in training only."""
        if not self.training or self.config.piece_dropout <= 0.0:
            return input_ids
        chosen = (torch.rand(input_ids.shape, device=input_ids.device) < self.config.piece_dropout) & (piece_words >= 0)
        return input_ids.masked_fill(chosen, self.config.unknown_id)

    @torch.inference_mode()
    def score(
        self, arrays: dict[str, NDArray[Any]], state: bool = False
    ) -> tuple[Logits | None, Logits | None, Logits | None]:
        """Numpy in, numpy out: the logits of a batch's arrays. Puts nothing into training mode; safe from many threads.

        Args:
            arrays: ``input_ids``, ``attention_mask``, ``word_pieces``, ``piece_words``, ``word_mask``.
            state: Whether the [CLS] states are asked for too.

        Returns:
            Intent logits (B, N) and tag logits (B, W, K), None for an absent head; the [CLS] states (B, H), None where
            they are not asked for. All in fp32.
        """
        tensors = {name: torch.from_numpy(array).to(self.device) for name, array in arrays.items()}
        output = self(**tensors)
        wanted = (output.intent_logits, output.tag_logits, output.cls_state if state else None)
        intent, tag, states = (None if found is None else found.float().cpu().numpy() for found in wanted)
        return intent, tag, states
