"""The fast tokenizer that belongs to an encoder checkpoint."""

from __future__ import annotations

import hashlib

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from jointbert.errors import ModelError, first_line

FastTokenizer = PreTrainedTokenizerFast
"""The kind of tokenizer this project stands on: one with offsets."""


def load_tokenizer(place: str) -> PreTrainedTokenizerFast:
    """The fast tokenizer of an encoder's folder or hub id.

    Raises:
        ModelError: It is not found, or it is not a fast one (offsets need it).
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, use_fast=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        first = first_line(error)
        hint = "A folder with only vocab.txt is not enough: save the tokenizer with save_pretrained."
        raise ModelError(f"tokenizer of {place!r}", f"cannot be read ({first})", "tokenizer.json", hint) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        hint = "Save a fast tokenizer into the folder (tokenizer.json)."
        raise ModelError(f"tokenizer of {place!r}", "is not a fast one", "a tokenizer with offsets", hint)
    if tokenizer.cls_token_id is None:
        hint = "Choose an encoder of the BERT family."
        raise ModelError(f"tokenizer of {place!r}", "puts no [CLS] piece first", "a BERT-family tokenizer", hint)
    return tokenizer


def tokenizer_print(tokenizer: PreTrainedTokenizerFast) -> str:
    """SHA-256 of all that a tokenizer does to a text, in hexadecimal."""
    return hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
