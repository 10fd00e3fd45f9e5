"""The NSP head fitted anew: after distilling, an encoder's states are no longer those that its head learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional

from datasets import Dataset
from jointbert.codec.pairs import Bools, Ints, Pair, PairCodec, Pieces
from jointbert.model.pretraining import FOLLOWS, PretrainingBert
from jointbert.pretraining.batches import collate_masked
from jointbert.pretraining.masking import Masked

_BATCH = 32
_STEP = 64
"""Pairs that the head learns from at a time."""

_EPOCHS, _PATIENCE = 30, 4
_RATE, _DECAY = 1e-3, 1e-2
_CHECKED = 10
"""One pair in so many tells when to stop."""

_SMALLEST = 0.1
"""The least standard deviation a feature is divided by, as a share of their mean; large weights lose digits in fp16."""


@dataclass(frozen=True)
class TextPairs:
    """N pairs of texts, by their rows.

    Args:
        first: (N,) A.
        second: (N,) B.
        follows: (N,) whether B comes right after A in its document.
    """

    first: Ints
    second: Ints
    follows: Bools

    def __len__(self) -> int:
        return len(self.first)


def draw_pairs(rows: Ints, documents: Ints, most: int, rng: np.random.Generator) -> TextPairs:
    """Pairs of which half are consecutive in one document, and half have a B from another document.

    Args:
        rows: Ascending rows that A, and a B from elsewhere, are drawn from.
        documents: (R,) the document of every row; a document's rows stand together, in its order.
        most: The most pairs.
        rng: Draws.

    Returns:
        Pairs in no order; none where no document has two texts, or there is only one document.
    """
    nexts = rows[rows + 1 < len(documents)]
    nexts = nexts[documents[nexts] == documents[nexts + 1]]
    first = rng.permutation(nexts)[:most]
    if len(np.unique(documents[rows])) < 2:
        first = first[:0]
    follows = rng.random(len(first)) < 0.5
    second = first + 1
    open_places = np.flatnonzero(~follows)
    while len(open_places):  # each draw misses only by the share that A's own document has of the rows
        second[open_places] = rng.choice(rows, len(open_places))
        open_places = open_places[documents[second[open_places]] == documents[first[open_places]]]
    return TextPairs(first, second, follows)


class NextSentence:
    """Fits and measures the NSP head of an encoder, whose other weights stay as they are.

    Args:
        model: The finished encoder with its heads, on its device.
        codec: Its tokenizer's.
        texts: Rows with ``text`` and ``document``.
        length: Most pieces of A, and of B, special ones included.
        seed: Of pairs and of the head's first weights.
    """

    def __init__(self, model: PretrainingBert, codec: PairCodec, texts: Dataset, length: int, seed: int) -> None:
        self._model, self._codec, self._texts, self._seed = model, codec, texts, seed
        self._documents = np.asarray(texts.data.column("document").to_numpy())
        positions = int(model.config.max_position_embeddings)
        self._most = min(length - 2, (positions - 3) // 2)

    def fit(self, rows: Ints, most: int) -> int:
        """Fit the head on pairs of some rows; how many pairs there were.

        Args:
            rows: Ascending.
            most: The most pairs.
        """
        pairs = self._draw(rows, most, 0)
        if len(pairs):
            self._fit_head(self._states(pairs), self._labels(pairs))
        return len(pairs)

    @torch.no_grad()
    def measure(self, rows: Ints, most: int) -> float | None:
        """The share of pairs of some rows that the head tells right (0..1); None where there is no pair.

        Args:
            rows: Ascending.
            most: The most pairs.
        """
        pairs = self._draw(rows, most, 1)
        if not len(pairs):
            return None
        states, labels = self._states(pairs).to(self._model.device), self._labels(pairs).to(self._model.device)
        pooled = torch.tanh(self._pooler()(states))  # (N,H)
        verdicts = self._model.cls.seq_relationship(pooled)  # (N,2)
        return float((verdicts.argmax(-1) == labels).float().mean())

    def _pooler(self) -> nn.Linear:
        """What the head reads [CLS] through; a tanh comes after it."""
        pooler: Any = self._model.bert.pooler
        return cast(nn.Linear, pooler.dense)

    def _draw(self, rows: Ints, most: int, use: int) -> TextPairs:
        return draw_pairs(rows, self._documents, most, np.random.default_rng([self._seed, use]))

    def _labels(self, pairs: TextPairs) -> Tensor:
        return torch.from_numpy(np.where(pairs.follows, FOLLOWS, 1 - FOLLOWS))  # (N,)

    def _joined(self, pairs: TextPairs) -> list[Pair]:
        first = self._codec.pieces(self._texts[pairs.first.tolist()]["text"])
        second = self._codec.pieces(self._texts[pairs.second.tolist()]["text"])
        most = self._most
        return [
            self._codec.join(
                Pieces(a.ids[-most:], a.starts[-most:]), Pieces(b.ids[:most], b.starts[:most]), bool(known)
            )
            for a, b, known in zip(first, second, pairs.follows, strict=True)
        ]

    @torch.no_grad()
    def _states(self, pairs: TextPairs) -> Tensor:
        """(N, H) the last layer's [CLS] states, on the CPU."""
        joined, model = self._joined(pairs), self._model.train(False)
        order = np.argsort([len(pair.input_ids) for pair in joined], kind="stable")
        found = torch.empty(len(joined), int(model.config.hidden_size))
        console, nothing = Console(stderr=True), np.zeros(0, np.int64)
        parts = [order[begin : begin + _BATCH] for begin in range(0, len(order), _BATCH)]
        for part in track(parts, "next sentences", console=console, transient=True, disable=not console.is_terminal):
            items = [(joined[place], Masked(joined[place].input_ids, nothing, nothing)) for place in part]
            batch = collate_masked(items, self._codec.pad_id)
            taken = {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask", "token_type_ids")}
            found[torch.from_numpy(part)] = model.bert(**taken, return_dict=True).last_hidden_state[:, 0].float().cpu()
        return found

    def _fit_head(self, states: Tensor, labels: Tensor) -> None:
        """Learn pooler and head from (N, H) states; the epoch is kept that one pair in ten likes best."""
        width, device = states.shape[1], self._model.device
        means, deviations = states.mean(0), states.std(0, unbiased=False)
        deviations = deviations.clamp(min=max(_SMALLEST * float(deviations.mean()), 1e-9))
        scaled = (states - means) / deviations
        checked = torch.arange(len(scaled)) % _CHECKED == 0
        with torch.random.fork_rng():
            torch.manual_seed(self._seed)
            pooler, head = nn.Linear(width, width), nn.Linear(width, 2)
            _learn(nn.Sequential(pooler, nn.Tanh(), head), scaled, labels, checked)
        with torch.no_grad():
            theirs, verdict = self._pooler(), self._model.cls.seq_relationship
            weight = pooler.weight / deviations  # the scaling becomes a part of the first map
            theirs.weight.copy_(weight.to(device))
            theirs.bias.copy_((pooler.bias - weight @ means).to(device))
            verdict.weight.copy_(head.weight.to(device))
            verdict.bias.copy_(head.bias.to(device))


def _learn(layers: nn.Module, states: Tensor, labels: Tensor, checked: Tensor) -> None:
    """Train on the pairs that are not for checking; the weights of the best epoch stay."""
    optimizer = torch.optim.AdamW(layers.parameters(), _RATE, weight_decay=_DECAY)
    learned = (~checked).nonzero().flatten() if len(states) > 1 else torch.arange(1)
    least, waited = float("inf"), 0
    best = {name: value.clone() for name, value in layers.state_dict().items()}
    for _ in range(_EPOCHS):
        for part in learned[torch.randperm(len(learned))].split(_STEP):
            optimizer.zero_grad()
            functional.cross_entropy(layers(states[part]), labels[part]).backward()
            optimizer.step()
        with torch.no_grad():
            loss = float(functional.cross_entropy(layers(states[checked]), labels[checked]))
        waited = 0 if loss < least else waited + 1
        if waited == 0:
            least, best = loss, {name: value.clone() for name, value in layers.state_dict().items()}
        if waited == _PATIENCE:
            break
    layers.load_state_dict(best)
