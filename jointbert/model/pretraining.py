"""BERT with both of its pretraining heads: guess the chosen pieces (MLM), and whether B follows A (NSP)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertForPreTraining
from transformers.utils.generic import ModelOutput

from jointbert.errors import ModelError
from jointbert.model.encoder import bert_shape, not_found, quiet, save_weights
from jointbert.model.names import locate

MLM_HEAD, NSP_HEAD = "cls.predictions.transform", "cls.seq_relationship"
FOLLOWS = 0
"""NSP's class for a B that comes right after A; 1 stands for a random B. Source: Hugging Face's BertForPreTraining."""

_SPREAD = 0.04
"""Standard deviation of a value of the vectors that a model starts from; twice that of random ones, since they mean
something, beside the positions' random ones."""


@dataclass
class PretrainingOutput(ModelOutput):
    """What a forward pass gives; losses are sums, so that shares of a batch can be added up in any order.

    Args:
        mlm_loss: Sum of the M chosen pieces' cross-entropies, in nats.
        nsp_loss: Sum of the B pairs' cross-entropies, in nats; zero without pairs.
        mlm_hits: How many chosen pieces were guessed.
        nsp_hits: How many pairs were told right.
        states: (B, T, H) last hidden states.
    """

    mlm_loss: Tensor | None = None
    nsp_loss: Tensor | None = None
    mlm_hits: Tensor | None = None
    nsp_hits: Tensor | None = None
    states: Tensor | None = None


class PretrainingBert(BertForPreTraining):
    """Hugging Face's BertForPreTraining whose vocabulary-wide head is computed at the chosen pieces only.

    It is saved as a plain BertForPreTraining.

    Source:
        Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", arXiv:1810.04805, section 3.1.
    """

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        chosen: Tensor,
        labels: Tensor,
        next_sentence_label: Tensor | None = None,
        **_: Any,
    ) -> PretrainingOutput:
        """Losses and hits of a batch.

        Args:
            input_ids: (B, T) int64, with the chosen pieces hidden.
            attention_mask: (B, T) int64, 1 = real.
            token_type_ids: (B, T) int64, 1 = segment B.
            chosen: (M,) int64, places of the chosen pieces in the batch laid out flat (row * T + column).
            labels: (M,) int64, the pieces that stood there.
            next_sentence_label: (B,) int64, :data:`FOLLOWS` or 1; None: the inputs are single segments.
        """
        states, pooled = self.bert(
            input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids, return_dict=False
        )[:2]
        at_chosen = states.flatten(0, 1)[chosen]  # (M,H)
        guesses = self.cls.predictions(at_chosen).float()  # (M,V)
        mlm = functional.cross_entropy(guesses, labels, reduction="sum")
        output = PretrainingOutput(mlm, mlm.new_zeros(()), (guesses.argmax(-1) == labels).sum(), None, states)
        if next_sentence_label is not None:
            verdicts = self.cls.seq_relationship(pooled).float()  # (B,2)
            output.nsp_loss = functional.cross_entropy(verdicts, next_sentence_label, reduction="sum")
            output.nsp_hits = (verdicts.argmax(-1) == next_sentence_label).sum()
        return output


def fresh_pretraining_model(
    size: str, vocabulary: int, pad_id: int, max_pieces: int, dropout: float
) -> PretrainingBert:
    """A BERT of a published size with random weights.

    Args:
        size: A key of ``SIZES``.
        vocabulary: Number of pieces V.
        pad_id: Id of the padding piece.
        max_pieces: Number of positions.
        dropout: Share of states, and of attention weights, that training drops.
    """
    return PretrainingBert(BertConfig(**bert_shape(size, vocabulary, pad_id, max_pieces), **_dropout(dropout)))


def _dropout(share: float) -> dict[str, Any]:
    return {"hidden_dropout_prob": share, "attention_probs_dropout_prob": share}


def start_embeddings(model: PretrainingBert, vectors: NDArray[np.float32], counts: NDArray[np.float64]) -> None:
    """Give a fresh model piece vectors and piece frequencies to start from.

    Args:
        model: Its MLM head shares the vectors.
        vectors: (V, H), of length 1 or zero; a piece with a zero vector keeps its random one.
        counts: (V,) how often each piece occurs, in any unit.
    """
    known = torch.from_numpy(np.abs(vectors).sum(axis=1) > 0)
    with torch.no_grad():
        table = cast(nn.Embedding, model.get_input_embeddings()).weight
        table[known] = torch.from_numpy(vectors)[known] * (_SPREAD * table.shape[1] ** 0.5)
        shares = torch.from_numpy((counts + 1.0) / (counts + 1.0).sum())
        model.cls.predictions.bias.copy_(shares.log().float())


def start_positions(model: PretrainingBert) -> None:
    """Give a fresh model sinusoidal position vectors to start from; they are learned on from there.

    With them one linear map shifts every position alike; random ones must be told apart one by one.

    Source:
        Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762, section 3.5.
    """
    table = model.bert.embeddings.position_embeddings.weight
    positions, hidden = table.shape
    rates = torch.exp(torch.arange(0, hidden, 2) * (-math.log(10_000.0) / hidden))  # (H/2,)
    angles = torch.arange(positions)[:, None] * rates  # (P,H/2)
    waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # (P,H)
    with torch.no_grad():
        table.copy_(waves * (_SPREAD * 2**0.5))


def load_pretraining_model(name: str, *, dropout: float | None = None) -> tuple[PretrainingBert, set[str]]:
    """A BERT checkpoint with its pretraining heads, in fp32.

    Args:
        name: A folder, a known encoder's name, or a hub id.
        dropout: Share of states that training drops; None keeps the checkpoint's.

    Returns:
        The model, and which of :data:`MLM_HEAD` and :data:`NSP_HEAD` the checkpoint did not bring (they are random).

    Raises:
        ModelError: It is not found, or is no BERT.
    """
    place = locate(name)
    changes = {} if dropout is None else _dropout(dropout)
    try:
        with quiet():
            content = BertConfig.get_config_dict(place)[0]
            found = content.get("model_type")
            if found != "bert":
                hint = "Choose a BERT checkpoint: mini-en, mini-zh, gte-small, bge-small-zh, minilm-l6 are."
                raise ModelError(f"encoder {name!r}", f"is of the family {found!r}", "bert", hint)
            config = BertConfig.from_dict(content | changes)
            opened: Any = PretrainingBert.from_pretrained(
                place, config=config, dtype=torch.float32, use_safetensors=True, output_loading_info=True
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise not_found(name, error) from error
    model, notes = opened
    missing = {head for head in (MLM_HEAD, NSP_HEAD) if any(key.startswith(head) for key in notes["missing_keys"])}
    return cast(PretrainingBert, model), missing


def save_pretraining_model(
    model: nn.Module, folder: Path, precision: Literal["fp32", "fp16"] = "fp32", *, nsp: bool = True
) -> None:
    """Write a checkpoint that every Hugging Face BERT class opens: encoder, pooler and heads.

    Args:
        model: A :class:`PretrainingBert`.
        folder: Where to.
        precision: Of the weights on disk; fp16 halves them and costs nothing that can be measured.
        nsp: Whether the NSP head goes along; one that was never trained, or no longer fits, should not.
    """
    kept = cast(PretrainingBert, model)
    plain = BertForPreTraining(kept.config)
    plain.load_state_dict(kept.state_dict())
    plain.to(torch.float16 if precision == "fp16" else torch.float32)  # type: ignore[arg-type]
    weights = {name: value for name, value in plain.state_dict().items() if nsp or not name.startswith(NSP_HEAD)}
    save_weights(plain, folder, state_dict=weights)
