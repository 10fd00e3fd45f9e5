"""Dropout that costs little on a CPU: 16 random bits a state are plenty, where PyTorch draws 64, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_LEVELS = 1 << 16


class LeanDropout(nn.Dropout):
    """Dropout that draws 16 random bits a state from PyTorch's own CPU generator (four states a draw).

    Args:
        p: Share dropped; rounded to a multiple of 2**-16.
    """

    def __init__(self, p: float) -> None:
        super().__init__(p)
        self.dropped = min(round(p * _LEVELS), _LEVELS - 1)

    def forward(self, input: Tensor) -> Tensor:
        """States of any shape, each dropped or scaled so that its mean stays."""
        states = input
        if not self.training or not self.dropped:
            return states
        draws = torch.empty((states.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        levels = draws.view(torch.int16)[: states.numel()].view(states.shape)
        kept = (levels >= self.dropped - _LEVELS // 2).to(states.dtype)
        return states * kept.mul_(_LEVELS / (_LEVELS - self.dropped))


@contextmanager
def lean_dropout(model: nn.Module) -> Iterator[None]:
    """For the time of training, every plain dropout of a model on the CPU is a :class:`LeanDropout`."""
    on_cpu = all(parameter.device.type == "cpu" for parameter in model.parameters())
    dropouts = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Dropout and on_cpu
    ]
    try:
        for parent, name, child in dropouts:
            setattr(parent, name, LeanDropout(child.p).train(child.training))
        yield
    finally:
        for parent, name, child in dropouts:
            setattr(parent, name, child.train(parent.training))
