"""A fresh joint model and its tokenizer, from the config and the labels."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from torch import nn
from transformers import set_seed

from jointbert.codec import Codec
from jointbert.codec.pretrained import FastTokenizer, load_tokenizer
from jointbert.codec.scratch import learn_tokenizer
from jointbert.config import Config, EncoderConfig
from jointbert.model.config import JointBertConfig
from jointbert.model.encoder import load_encoder, max_positions, scratch_encoder
from jointbert.model.joint import JointBert
from jointbert.model.names import locate
from jointbert.training.corpus import Corpus

_USUAL = EncoderConfig.model_fields["max_pieces"].default
log = logging.getLogger("jointbert.training")


@dataclass(frozen=True)
class Fresh:
    """A model that has not been trained yet.

    Args:
        model: Pretrained (or random) encoder, fresh heads.
        tokenizer: To be saved with the model.
        codec: Text → arrays on that tokenizer and the labels.
    """

    model: JointBert
    tokenizer: FastTokenizer
    codec: Codec


def build_model(config: Config, corpus: Corpus) -> Fresh:
    """The model that a run starts from; the seed decides its fresh weights.

    Raises:
        ModelError: The encoder or its tokenizer cannot be had.
    """
    set_seed(config.training.seed)
    encoder, tokenizer = _encoder(config, corpus)
    labels = corpus.labels
    settings: Any = encoder.config
    max_pieces = _longest(config.encoder, max_positions(settings))
    shape = JointBertConfig(
        encoder=settings.to_dict(),
        intents=0 if labels.intents is None else len(labels.intents),
        tags=0 if labels.tags is None else len(labels.tags),
        crf=config.model.crf,
        pooling=config.model.pooling,
        dropout=config.model.dropout,
        slot_weight=config.model.slot_weight,
        intent_conditioned=config.model.intent_conditioned,
        max_pieces=max_pieces,
        piece_dropout=config.model.piece_dropout,
        unknown_id=int(tokenizer.unk_token_id or 0),
    )
    return Fresh(JointBert(shape, encoder), tokenizer, Codec(tokenizer.backend_tokenizer, labels, max_pieces))


def _longest(wanted: EncoderConfig, room: int) -> int:
    """The longest input in pieces: what is asked for, as far as the encoder has room; who asks for more is told."""
    if wanted.max_pieces > room and wanted.max_pieces != _USUAL:  # nobody asked for the default
        what = "encoder.max_pieces: is %d, and %s has room for %d; what is beyond these is not read"
        log.warning(what, wanted.max_pieces, wanted.name, room)
    return min(wanted.max_pieces, room)


def _encoder(config: Config, corpus: Corpus) -> tuple[nn.Module, FastTokenizer]:
    wanted = config.encoder
    if wanted.name == "scratch":
        tokenizer = learn_tokenizer([item.text for item in corpus.train], wanted.language, wanted.vocabulary)
        shape = (wanted.size, len(tokenizer), int(tokenizer.pad_token_id), wanted.max_pieces, wanted.family)
        return scratch_encoder(*shape, wanted.dropout), tokenizer
    encoder = load_encoder(wanted.name, wanted.dropout)
    return encoder, load_tokenizer(locate(wanted.name))
