"""The space that is searched where none is given: a few keys, each around the config's own value."""

from __future__ import annotations

from typing import Any

from jointbert.config import Config
from jointbert.config.space import Dimension, check_space


def default_space(config: Config, *, intents: bool = True, slots: bool = True) -> dict[str, Dimension]:
    """The keys that change what a fine-tuning ends in, each within reach of the config's own value.

    Args:
        config: What the search starts from.
        intents: Whether the training data has intents.
        slots: Whether it has slots; without them nothing about the slot head is searched.
    """
    training, model, own = config.training, config.model, config.training.layer_decay
    space: dict[str, dict[str, Any]] = {
        "training.learning_rate": _fourfold(training.learning_rate),
        "training.head_learning_rate": _fourfold(training.head_learning_rate),
        "training.epochs": _half_more(training.epochs),
        "training.warmup": {"low": 0.0, "high": max(0.3, training.warmup)},
        "model.dropout": {"low": 0.0, "high": max(0.4, model.dropout)},
    }
    if config.encoder.name != "scratch":  # an encoder that knows nothing yet has no layers to go gently with
        space["training.layer_decay"] = {"low": 0.7 if own > 0.7 else own / 2, "high": 1.0}
    if slots:
        space["model.crf"] = {"choices": [False, True]}
        space["model.pooling"] = {"choices": ["first", "mean"]}
    if slots and intents:
        space["model.slot_weight"] = _fourfold(model.slot_weight)
    return check_space({key: Dimension.model_validate(value) for key, value in space.items()}, config)


def _fourfold(own: float) -> dict[str, Any]:
    """A quarter to four times a rate, on a logarithmic scale."""
    return {"low": own / 4, "high": own * 4, "log": True}


def _half_more(own: int) -> dict[str, Any]:
    """Half as many epochs to half as many again."""
    return {"low": max(1, own // 2), "high": own + (own + 1) // 2}
