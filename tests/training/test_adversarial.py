"""The second look at a batch: where it moves the piece vectors to, and what gradients it leaves."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
import toy
from torch import Tensor, nn

from jointbert.config import TrainingConfig
from jointbert.data import read
from jointbert.model.joint import JointBert
from jointbert.training import trainer as trainer_module
from jointbert.training.adversarial import moved, piece_vectors
from jointbert.training.arguments import training_arguments
from jointbert.training.batches import TensorCollator
from jointbert.training.lean import LeanEmbedding, lean
from jointbert.training.run import train
from jointbert.training.trainer import JointTrainer

BATCHES = (
    [{"text": "book a flight from boston", "intent": "book", "slots": [{"slot": "city", "start": 19, "end": 25}]}],
    [
        {
            "text": "play some jazz by miles davis",
            "intent": "play",
            "slots": [{"slot": "artist", "start": 18, "end": 29}],
        },
        {"text": "cafe tomorrow at noon", "intent": "weather", "slots": [{"slot": "date", "start": 5, "end": 21}]},
    ],
)


def test_the_vectors_move_together_along_the_gradient_and_come_back_to_the_bit() -> None:
    vectors = nn.Parameter(torch.tensor([[3.0, 4.0], [0.1, 0.0], [0.0, 0.9]]))
    before, gradient = vectors.detach().clone(), torch.tensor([[0.0, 8.0], [0.0, 0.0], [6.0, 0.0]])
    with moved(vectors, gradient, 0.5):
        # the gradient is 10 long, the vectors 5, 0.1 and 0.9: the move is to be half of their mean, 1
        torch.testing.assert_close(vectors.detach(), before + gradient / 10)
    assert torch.equal(vectors, before)
    with pytest.raises(KeyboardInterrupt), moved(vectors, gradient, 0.5):
        raise KeyboardInterrupt
    assert torch.equal(vectors, before)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_gradient_without_a_direction_moves_nothing(value: float) -> None:
    vectors = nn.Parameter(torch.ones(2, 2))
    with moved(vectors, torch.full((2, 2), value), 0.5):
        assert torch.equal(vectors, torch.ones(2, 2))


def encoded(folder: Path) -> list[list[Any]]:
    return [
        list(tiny.codec().encode(read(toy.write(folder / f"{number}.jsonl", items)), "error", "error")[0])
        for number, items in enumerate(BATCHES)
    ]


def gradients(model: JointBert) -> dict[str, Tensor]:
    return {name: each.grad.clone() for name, each in model.named_parameters() if each.grad is not None}


@pytest.mark.parametrize("size", [0.0, 0.7])
def test_gradients_of_both_looks_add_up_over_accumulated_batches(tmp_path: Path, size: float) -> None:
    batches = [TensorCollator(0)(items) for items in encoded(tmp_path)]
    settings = TrainingConfig(adversarial=size, accumulation=2, precision="fp32")
    model, by_hand = (tiny.without_dropout(tiny.model()) for _ in range(2))
    expected: dict[str, Tensor] = {}

    def add(batch: dict[str, Tensor]) -> Tensor:
        by_hand.zero_grad()
        (by_hand(**batch).loss / 2).backward()
        found = gradients(by_hand)
        expected.update({name: expected.get(name, 0) + each for name, each in found.items()})
        return found["encoder.embeddings.word_embeddings.weight"]

    for batch in batches:
        gradient, vectors = add(batch), by_hand.encoder.embeddings.word_embeddings.weight
        if size:
            own = copy.deepcopy(vectors.data)
            vectors.data += 0.7 * own.norm(dim=1).mean() * gradient / gradient.norm()
            add(batch)
            vectors.data = own

    arguments = training_arguments(settings, tmp_path)
    trainer = JointTrainer(model, arguments, settings, tiny.codec(), [], [], [])
    trainer.current_gradient_accumulation_steps = 2  # the loop of the library sets it
    before = copy.deepcopy(model.state_dict())
    losses = [trainer.training_step(model, batch) for batch in batches]
    for name, each in gradients(model).items():
        torch.testing.assert_close(each, expected[name], msg=name)
    assert toy.same(before, model.state_dict())
    plain = [by_hand(**batch).loss.detach() / 2 for batch in batches]
    torch.testing.assert_close(losses, plain, msg="what is logged is the loss of the batch as it stands")


def test_of_a_lean_model_the_trained_vectors_move(tmp_path: Path) -> None:
    model = tiny.model()
    with lean(model, [item for items in encoded(tmp_path)[:1] for item in items]):
        embedding = model.encoder.get_input_embeddings()  # type: ignore[operator]
        assert isinstance(embedding, LeanEmbedding)
        assert piece_vectors(model) is embedding.rows


def test_a_run_with_it_ends_in_other_weights_and_again_in_the_same(tmp_path: Path) -> None:
    found = []
    for name, size in (("plain", 0.0), ("one", 0.6), ("two", 0.6)):
        folder = tmp_path / name
        folder.mkdir()
        found.append(toy.weights(train(toy.small(folder, training={"adversarial": size}), folder / "m").folder))
    plain, one, two = found
    assert toy.same(one, two)
    assert not toy.same(plain, one)


def test_without_it_nothing_is_asked_of_the_piece_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(model: JointBert) -> nn.Parameter:
        raise AssertionError("an encoder may embed its pieces in a way of its own")

    monkeypatch.setattr(trainer_module, "piece_vectors", absent)
    assert train(toy.small(tmp_path), tmp_path / "m").steps == 3
