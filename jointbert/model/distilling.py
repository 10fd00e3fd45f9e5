"""BERT that learns from a larger encoder's states: linear maps lay its own states beside those of the teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig
from transformers.utils.generic import ModelOutput

from jointbert.errors import ModelError
from jointbert.model.encoder import load_encoder, max_positions, quiet
from jointbert.model.pretraining import PretrainingBert

_RIDGE = 1e-3
"""What least squares adds to the diagonal, as a share of its mean."""

_SMALLEST = 1e-6
"""The least standard deviation a feature is divided by."""


class WordPlaces(NamedTuple):
    """Where the pieces of M words stand in a batch (see ``jointbert.codec.matching.WordPieces``).

    Args:
        pieces: (P,) int64, row * T + column.
        words: (P,) int64, 0..M-1.
        sizes: (M,) int64.
    """

    pieces: Tensor
    words: Tensor
    sizes: Tensor


def layers_at(depths: Sequence[float], layers: int) -> list[int]:
    """The layers at shares of the depth; 0 is the embeddings' output.

    Example:
        >>> layers_at([0.0, 0.5, 1.0], 12), layers_at([0.0, 0.5, 1.0], 4)
        ([0, 6, 12], [0, 2, 4])
    """
    return [int(depth * layers + 0.5) for depth in depths]


def compared(states: Sequence[Tensor], attention_mask: Tensor, places: WordPlaces) -> list[Tensor]:
    """What one side lays beside the other: words at every depth, then the last depth's [CLS] and the mean of pieces.

    Args:
        states: (B, T, H) at each depth.
        attention_mask: (B, T) 1 = real.
        places: The words' pieces.

    Returns:
        For each depth (M, H), then twice (B, H).
    """
    found = [_word_means(state, places) for state in states]
    real = attention_mask.unsqueeze(-1).to(states[-1].dtype)  # (B,T,1)
    mean = (states[-1] * real).sum(1) / real.sum(1)  # (B,H)
    return [*found, states[-1][:, 0], mean]


def _word_means(states: Tensor, places: WordPlaces) -> Tensor:
    """(M, H) the mean of each word's pieces."""
    of_pieces = states.flatten(0, 1)[places.pieces]  # (P,H)
    sums = of_pieces.new_zeros(len(places.sizes), states.shape[-1]).index_add_(0, places.words, of_pieces)  # (M,H)
    return sums / places.sizes.unsqueeze(-1).to(sums.dtype)


class Teacher:
    """An encoder that is asked and not trained.

    Args:
        name: A folder, a known name, or a hub id.
        depths: Where its states are taken, as shares of its depth.
        bf16: Compute in bf16.
        device: Where it runs.

    Raises:
        ModelError: It is not found, or gives no states of its layers.
    """

    def __init__(self, name: str, depths: Sequence[float], bf16: bool, device: torch.device) -> None:
        encoder: Any = load_encoder(name).train(False).requires_grad_(False)
        self._encoder = encoder.to(device=device, dtype=torch.bfloat16 if bf16 else torch.float32)
        settings = encoder.config
        if not hasattr(settings, "num_hidden_layers") or not hasattr(settings, "hidden_size"):
            what = f"of the family {settings.model_type!r} has no layers of one width"
            raise ModelError(f"encoder {name!r}", what, "an encoder of the BERT family", "Choose another teacher.")
        self.width = int(settings.hidden_size)
        self.max_pieces = max_positions(settings)
        self._layers = layers_at(depths, int(settings.num_hidden_layers))

    def __call__(self, input_ids: Tensor, attention_mask: Tensor, places: WordPlaces) -> list[Tensor]:
        """What the teacher makes of a batch, in fp32; see :func:`compared`.

        Args:
            input_ids: (B, T) on the teacher's own tokenizer.
            attention_mask: (B, T).
            places: Words in this batch.
        """
        with torch.inference_mode():
            states = self._encoder(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True, return_dict=True
            ).hidden_states
            found = compared([states[layer] for layer in self._layers], attention_mask, places)
        return [state.float() if state.dtype != torch.float32 else state.clone() for state in found]


@dataclass
class DistillingOutput(ModelOutput):
    """What a forward pass gives; losses are sums.

    Args:
        state_losses: (S,) for each depth, then [CLS], then the mean of pieces: sums over words or texts of the mean
            squared difference, in units of the teacher's variance (1 is no better than a constant).
        state_counts: (S,) how many words or texts each is a sum of.
        mlm_loss: Sum of the chosen pieces' cross-entropies, in nats.
        mlm_hits: How many of them were guessed.
    """

    state_losses: Tensor | None = None
    state_counts: Tensor | None = None
    mlm_loss: Tensor | None = None
    mlm_hits: Tensor | None = None


class DistillingBert(PretrainingBert):
    """A student: BERT with its heads, and for the time of learning a map from each of its states to the teacher's.

    What it does not learn here (the pooler, the NSP head) stays as it was.

    Args:
        config: The student's.
        depths: Where its states are taken, as shares of its depth.
        width: H of the teacher.

    Source:
        Hidden states through learned maps: Jiao et al. 2020, "TinyBERT", arXiv:1909.10351, section 3. Targets of equal
        variance: Baevski et al. 2022, "data2vec", arXiv:2202.03555, section 3.3.
    """

    target_means: Tensor
    target_deviations: Tensor

    def __init__(self, config: BertConfig, depths: Sequence[float], width: int) -> None:
        super().__init__(config)
        self.layers = layers_at(depths, config.num_hidden_layers)
        spots = len(depths) + 2
        self.maps = nn.ModuleList([nn.Linear(config.hidden_size, width) for _ in range(spots)])
        self.register_buffer("target_means", torch.zeros(spots, width))
        self.register_buffer("target_deviations", torch.ones(spots, width))
        heads: Any = (self.bert.pooler, self.cls.seq_relationship)
        for frozen in heads:
            frozen.requires_grad_(False)

    def states(self, batch: Mapping[str, Tensor]) -> tuple[list[Tensor], Tensor]:
        """What the student makes of a batch (see :func:`compared`), and (B, T, H) its last states."""
        hidden = self.bert(
            batch["input_ids"],
            attention_mask=batch["attention_mask"],
            token_type_ids=batch["token_type_ids"],
            output_hidden_states=True,
            return_dict=True,
        ).hidden_states
        places = WordPlaces(batch["pieces"], batch["words"], batch["sizes"])
        return compared([hidden[layer] for layer in self.layers], batch["attention_mask"], places), hidden[-1]

    def forward(  # type: ignore[override]
        self, targets: Sequence[Tensor], chosen: Tensor, labels: Tensor, shown: Tensor, **batch: Tensor
    ) -> DistillingOutput:
        """Losses and hits of a batch.

        Args:
            targets: What the teacher makes of it.
            chosen: (M,) int64, places of the chosen pieces in the batch laid out flat.
            labels: (M,) int64, the pieces that stood there.
            shown: (W,) bool, words without a chosen piece. Others are not compared where no layer has read yet.
            batch: ``input_ids``, ``attention_mask``, ``token_type_ids`` as BERT takes them; ``pieces``, ``words``,
                ``sizes`` of :class:`WordPlaces`.
        """
        found, last = self.states(batch)
        losses, counts = [], []
        for spot, (mine, target) in enumerate(zip(found, targets, strict=True)):
            errors = self._errors(spot, mine, target)
            if spot < len(self.layers) and self.layers[spot] == 0:
                errors = errors[shown]
            losses.append(errors.sum())
            counts.append(errors.new_tensor(len(errors)))
        guesses = self.cls.predictions(last.flatten(0, 1)[chosen]).float()  # (M,V)
        mlm = functional.cross_entropy(guesses, labels, reduction="sum")
        return DistillingOutput(torch.stack(losses), torch.stack(counts), mlm, (guesses.argmax(-1) == labels).sum())

    def _errors(self, spot: int, mine: Tensor, target: Tensor) -> Tensor:
        """(N,) mean squared difference of each word or text."""
        wanted = (target - self.target_means[spot]) / self.target_deviations[spot]
        errors: Tensor = (self.maps[spot](mine).float() - wanted).square().mean(-1)  # (N,)
        return errors

    def student(self) -> PretrainingBert:
        """The student alone, as a checkpoint holds it."""
        alone = PretrainingBert(self.config)
        weights = {name: value for name, value in self.state_dict().items() if not name.startswith(_SCAFFOLD)}
        alone.load_state_dict(weights)
        return alone


_SCAFFOLD = ("maps.", "target_means", "target_deviations")


def distilling_model(student: PretrainingBert, depths: Sequence[float], width: int) -> DistillingBert:
    """A student with maps that know nothing yet; it takes over the given one's weights."""
    with quiet():
        model = DistillingBert(student.config, depths, width)
    model.load_state_dict(student.state_dict(), strict=False)
    return model


class LeastSquares:
    """Gathers pairs of states, and finds the maps that lay one beside the other best.

    Args:
        model: Gets the maps, and the means and deviations of the teacher's states.
    """

    def __init__(self, model: DistillingBert) -> None:
        self._model = model
        spots, width, hidden = len(model.maps), model.target_means.shape[1], model.config.hidden_size
        self._count = torch.zeros(spots, dtype=torch.float64)
        self._own = torch.zeros(spots, hidden + 1, hidden + 1, dtype=torch.float64)  # a last feature that is always 1
        self._both = torch.zeros(spots, hidden + 1, width, dtype=torch.float64)
        self._squares = torch.zeros(spots, width, dtype=torch.float64)

    def add(self, mine: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
        """Take in what both sides make of a batch (see :func:`compared`)."""
        for spot, (own, target) in enumerate(zip(mine, targets, strict=True)):
            own = torch.cat([own.detach().double(), own.new_ones(len(own), 1).double()], dim=1).cpu()
            target = target.double().cpu()
            self._count[spot] += len(own)
            self._own[spot] += own.T @ own
            self._both[spot] += own.T @ target
            self._squares[spot] += target.square().sum(0)

    def solve(self) -> None:
        """Give the model what was found."""
        model, count = self._model, self._count[:, None]
        means = self._both[:, -1] / count  # (S,width)
        deviations = (self._squares / count - means.square()).clamp(min=0).sqrt().clamp(min=_SMALLEST)
        model.target_means.copy_(means)
        model.target_deviations.copy_(deviations)
        maps: Any = model.maps
        for spot, line in enumerate(maps):
            own = self._own[spot]
            wanted = (self._both[spot] - torch.outer(own[-1], means[spot])) / deviations[spot]
            penalty = torch.full((len(own),), float(_RIDGE * own.diagonal()[:-1].mean()), dtype=torch.float64)
            penalty[-1] = 0.0
            found = torch.linalg.solve(own + torch.diag(penalty), wanted)  # (H+1,width)
            with torch.no_grad():
                line.weight.copy_(found[:-1].T)
                line.bias.copy_(found[-1])
