"""The checkpoint that a run starts from, with its own tokenizer."""

from __future__ import annotations

import logging

from jointbert.codec.pretrained import FastTokenizer, load_tokenizer
from jointbert.config import PretrainModelConfig
from jointbert.errors import ConfigError, ModelError
from jointbert.model.encoder import quiet
from jointbert.model.names import locate
from jointbert.model.pretraining import PretrainingBert, load_pretraining_model

log = logging.getLogger("jointbert.pretraining")


def masking_tokenizer(name: str) -> FastTokenizer:
    """An encoder's tokenizer, which has a [MASK] piece.

    Args:
        name: A folder, a known encoder's name, or a hub id.

    Raises:
        ModelError: It is not found, or has none.
    """
    with quiet():
        tokenizer = load_tokenizer(locate(name))
    if tokenizer.mask_token_id is None:
        raise ModelError(f"tokenizer of {name!r}", "has no [MASK] piece", "a BERT tokenizer")
    return tokenizer


def check_unset(model: PretrainModelConfig) -> None:
    """See that nothing is asked of a checkpoint's model that it brings itself.

    Raises:
        ConfigError: With every key that is.
    """
    if keys := [f"model.{key}" for key in model.set_in_vain()]:
        what = "cannot be set together with --from: the checkpoint brings its own"
        raise ConfigError(", ".join(keys), what, "a config without", "Take that out, or start without --from.")


def open_start(start: str, dropout: float, heads: set[str]) -> tuple[FastTokenizer, PretrainingBert]:
    """The tokenizer and the model of a BERT checkpoint; a head that it lacks is reported.

    Args:
        start: A folder, a known name, or a hub id.
        dropout: Share of states that training drops.
        heads: The heads that will be trained.

    Raises:
        ModelError: It is not found, is no BERT, or its tokenizer does not fit.
    """
    model, missing = load_pretraining_model(start, dropout=dropout)  # says best what a name lacks, so it comes first
    tokenizer = masking_tokenizer(start)
    for head in sorted(missing & heads):
        log.warning("%s was saved without %s; that head starts from random weights", start, head)
    if len(tokenizer) > model.config.vocab_size:
        what = f"gives {len(tokenizer)} pieces, and its encoder knows {model.config.vocab_size}"
        raise ModelError(f"tokenizer of {start!r}", what, "a tokenizer that belongs to the encoder")
    return tokenizer, model


def check_length(length: int, model: PretrainingBert, hint: str) -> None:
    """See that the encoder has a position for every piece of the longest input.

    Args:
        length: Most pieces of an input.
        model: The encoder.
        hint: What to do where it has fewer.

    Raises:
        ConfigError: It has fewer.
    """
    if length > model.config.max_position_embeddings:
        what = f"is {length}, and the encoder has {model.config.max_position_embeddings} positions"
        raise ConfigError("objective.length", what, "at most as many pieces as positions", hint)
