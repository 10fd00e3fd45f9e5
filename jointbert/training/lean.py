"""A model made lean for training on a CPU: the same mathematics with less work a step.

Two things cost time there without teaching anything. Dropout draws more random bits than it needs
(:mod:`jointbert.fitting.dropout`). And an embedding of 30,000 pieces gets a gradient, a norm and an AdamW update for
every row in each step, although only the pieces of the training data can ever change. The one exception is the unknown
piece, which ``model.piece_dropout`` puts in place of others: where no training text has it, it keeps its vector, too.
To train it as well gained nothing on the English demo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from jointbert.codec import Encoded
from jointbert.fitting.dropout import lean_dropout
from jointbert.model.joint import JointBert

_MOST_ROWS = 0.5
"""Where more than this share of the pieces occurs, all rows are trained as they stand."""


class LeanEmbedding(nn.Module):
    """An embedding of which only the given rows are parameters; the others stay as they are.

    Args:
        whole: The embedding to stand in for; its weight is shared, not copied.
        used: Ids of the rows to train, sorted.
    """

    frozen: Tensor
    place: Tensor

    def __init__(self, whole: nn.Embedding, used: Tensor) -> None:
        super().__init__()
        weight = whole.weight.detach()
        self.rows = nn.Parameter(weight[used])
        self.register_buffer("frozen", weight, persistent=False)
        place = torch.full((len(weight),), -1, dtype=torch.int64, device=weight.device)
        place[used] = torch.arange(len(used), device=weight.device)
        self.register_buffer("place", place, persistent=False)

    def forward(self, input_ids: Tensor) -> Tensor:
        """(B, T) → (B, T, H)."""
        place = self.place[input_ids]  # (B,T)
        states = functional.embedding(place.clamp(min=0), self.rows)  # (B,T,H)
        missing = place < 0
        if bool(missing.any()):
            states = torch.where(missing.unsqueeze(-1), functional.embedding(input_ids, self.frozen), states)
        return states


@contextmanager
def lean(model: JointBert, items: Sequence[Encoded]) -> Iterator[None]:
    """Make a model lean for the time of its training; after it, it is what it was, with the new weights.

    Args:
        model: The model, on the device that it is trained on.
        items: The training data as it stands. A piece that only an augmented text has keeps its vector, and so does the
            unknown one that hides others.
    """
    whole = cast(nn.Embedding, model.encoder.get_input_embeddings())  # type: ignore[operator]
    used = torch.unique(torch.cat([torch.from_numpy(item.input_ids) for item in items])).to(whole.weight.device)
    small = LeanEmbedding(whole, used) if len(used) <= _MOST_ROWS * whole.num_embeddings else None
    try:
        if small is not None:
            model.encoder.set_input_embeddings(small)  # type: ignore[operator]
        with lean_dropout(model):
            yield
    finally:
        if small is not None:
            model.encoder.set_input_embeddings(whole.to(small.rows.device))  # type: ignore[operator]
            with torch.no_grad():
                whole.weight[used.to(small.rows.device)] = small.rows
