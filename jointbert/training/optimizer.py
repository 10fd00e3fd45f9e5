"""AdamW with a rate for every part: heads fast, encoder slow, lower layers slower still."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch.optim import AdamW, Optimizer

from jointbert.config import TrainingConfig
from jointbert.errors import ModelError
from jointbert.model.joint import JointBert

_LAYER = re.compile(r"\.layers?\.(\d+)\.")


def layer_of(name: str, layers: int) -> int:
    """The depth of a parameter by its name: 0 for embeddings, 1..layers for the encoder, layers + 1 for the heads.

    Example:
        >>> [layer_of(name, 6) for name in ("encoder.embeddings.w", "encoder.encoder.layer.5.w", "slot_head.w")]
        [0, 6, 7]
    """
    if not name.startswith("encoder."):
        return layers + 1
    found = _LAYER.search(name)
    if found:
        return int(found.group(1)) + 1
    return 0 if "embeddings" in name else layers


def build_optimizer(model: JointBert, config: TrainingConfig) -> AdamW:
    """AdamW over groups of parameters, fused where the device has it.

    An encoder parameter at depth d of L learns at ``learning_rate * layer_decay ** (L - d)``, a head's at
    ``head_learning_rate``. Biases and layer norms are not decayed. Loading the state of another grouping raises a
    ModelError.

    Source:
        Layer-wise rates: Howard and Ruder 2018, arXiv:1801.06146, section 3.2. AdamW: Loshchilov and Hutter 2019.
    """
    settings = model.config.encoder
    layers = int(settings.get("num_hidden_layers") or settings.get("n_layers") or 12)
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = layer_of(name, layers)
        rate = config.learning_rate * config.layer_decay ** (layers - depth)
        rate = config.head_learning_rate if depth > layers else rate
        decay = config.weight_decay if _is_decayed(name, parameter) else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    listed: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "weight_decay": decay} for (rate, decay), parameters in groups.items()
    ]
    optimizer = AdamW(listed, fused=True)
    optimizer.register_load_state_dict_pre_hook(_check_groups)
    return optimizer


def _is_decayed(name: str, parameter: torch.nn.Parameter) -> bool:
    """Whether a parameter is neither a bias nor of a layer norm, whatever its family calls that."""
    if name.endswith("bias"):
        return False
    # a CRF's scores of the first and of the last tag are vectors too, and are decayed as those of its moves are
    return parameter.ndim > 1 or not name.startswith("encoder.")


def _check_groups(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """See that a checkpoint groups the parameters as this run does.

    Raises:
        ModelError: It does not: a version that decayed others has begun it.
    """
    sizes = [[len(group["params"]) for group in groups] for groups in (state["param_groups"], optimizer.param_groups)]
    if sizes[0] != sizes[1]:
        what = "decays other parameters than this version of jointbert does"
        hint = "Start anew in another folder, or go on with the version that began it."
        raise ModelError("the run to resume", what, "a run of this version", hint)
