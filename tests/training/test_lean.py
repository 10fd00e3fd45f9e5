"""A lean model computes and learns what the whole one does, and is itself again afterwards."""

from __future__ import annotations

import copy

import pytest
import tiny
import torch
from torch import nn

from jointbert.codec import Encoded, collate
from jointbert.fitting.dropout import LeanDropout
from jointbert.model.joint import JointBert
from jointbert.training.lean import LeanEmbedding, lean

TEXTS = ("book a flight from boston", "play some jazz")


def encoded() -> list[Encoded]:
    return tiny.codec().encode_texts(TEXTS)


def step(model: JointBert, texts: tuple[str, ...] = TEXTS) -> float:
    """One plain gradient step towards an arbitrary goal; its loss."""
    batch = collate(tiny.codec().encode_texts(texts)).arrays()
    output = model(**{name: torch.from_numpy(array) for name, array in batch.items()})
    loss = output.intent_logits.logsumexp(-1).mean() + output.tag_logits.square().mean()
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.sub_(0.01 * parameter.grad) if parameter.grad is not None else None
    return float(loss.detach())


def test_a_lean_step_is_the_whole_models_step() -> None:
    whole, small = tiny.model(), tiny.model()
    before = copy.deepcopy(whole.encoder.get_input_embeddings().weight)
    with lean(small, encoded()):
        assert isinstance(small.encoder.get_input_embeddings(), LeanEmbedding)
        assert step(small) == step(whole)
    assert type(small.encoder.get_input_embeddings()) is nn.Embedding
    for (name, one), (_, other) in zip(small.named_parameters(), whole.named_parameters(), strict=True):
        torch.testing.assert_close(one, other, msg=name)
    moved = (small.encoder.get_input_embeddings().weight != before).any(-1)
    used = {int(piece) for item in encoded() for piece in item.input_ids}
    assert set(moved.nonzero().flatten().tolist()) == used


def test_pieces_that_training_lacks_keep_their_embedding() -> None:
    model = tiny.model()
    batch = {
        name: torch.from_numpy(array)
        for name, array in collate(tiny.codec().encode_texts(["zurich hotel"])).arrays().items()
    }
    expected = model(**batch).intent_logits
    with lean(model, encoded()):
        torch.testing.assert_close(model(**batch).intent_logits, expected)


def test_all_rows_are_trained_where_most_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.model()
    monkeypatch.setattr("jointbert.training.lean._MOST_ROWS", 0.01)
    with lean(model, encoded()):
        assert type(model.encoder.get_input_embeddings()) is nn.Embedding


def test_a_failure_leaves_the_whole_model() -> None:
    model = tiny.model()
    names = [name for name, _ in model.named_parameters()]
    with pytest.raises(RuntimeError, match="stop"), lean(model, encoded()):
        raise RuntimeError("stop")
    assert [name for name, _ in model.named_parameters()] == names
    assert not any(isinstance(module, LeanDropout) for module in model.modules())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    torch.manual_seed(0)
    states = torch.ones(401, 997, requires_grad=True)
    dropped = LeanDropout(share)(states)
    dropped.sum().backward()
    assert float((dropped == 0).float().mean()) == pytest.approx(share, abs=0.005)
    assert float(dropped.detach().mean()) == pytest.approx(1.0, abs=0.02)
    assert states.grad is not None and torch.equal(states.grad, dropped)


def test_dropout_depends_on_the_seed_and_is_off_where_it_should() -> None:
    states, layer = torch.ones(7, 5), LeanDropout(0.5)
    torch.manual_seed(1)
    first = layer(states)
    torch.manual_seed(1)
    assert torch.equal(layer(states), first)
    assert not torch.equal(layer(states), first)
    assert torch.equal(layer.eval()(states), states)
    assert torch.equal(LeanDropout(0.0)(states), states)
