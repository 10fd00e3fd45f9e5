"""The parts of a run: its tokenizer, the order of its batches, its rates, its number format, its curve."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import torch
import toy
from rich.console import Console

from jointbert.codec.scratch import learn_tokenizer
from jointbert.config import TrainingConfig
from jointbert.errors import ModelError
from jointbert.fitting import precision
from jointbert.fitting.bar import ProgressBar
from jointbert.model.config import JointBertConfig
from jointbert.model.joint import JointBert
from jointbert.training.arguments import training_arguments
from jointbert.training.batches import POOL, LengthGrouped
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.curve import draw_curve
from jointbert.training.optimizer import build_optimizer


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_texts_give_the_same_tokenizer(language: str) -> None:
    texts = [f"{item['text']} {'abcdefghijkl'[index % 12 :]} 订票" for index, item in enumerate(toy.rows(60, 1))]
    learned = [learn_tokenizer(texts, language, 90) for _ in range(4)]  # type: ignore[arg-type]
    assert len({tokenizer.backend_tokenizer.to_str() for tokenizer in learned}) == 1
    assert learned[0].convert_ids_to_tokens(range(5)) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert len(learned[0].all_special_ids) == 5


# order --------------------------------------------------------------------------------------------------------------

LENGTHS = [(index * 7919) % 61 + 3 for index in range(1003)]


def order(seed: int, epoch: int) -> list[int]:
    sampler = LengthGrouped(LENGTHS, 8, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


def test_an_order_is_a_permutation_that_seed_and_epoch_decide() -> None:
    assert sorted(order(1, 0)) == list(range(len(LENGTHS)))
    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1) != order(2, 1)
    assert len(LengthGrouped(LENGTHS, 8, 1)) == len(LENGTHS)


def test_batches_hold_like_lengths_and_come_in_no_order_of_length() -> None:
    found = order(1, 0)
    batches = [[LENGTHS[index] for index in found[at : at + 8]] for at in range(0, len(found), 8)]
    padding = sum(max(batch) * len(batch) - sum(batch) for batch in batches)
    assert padding < 0.1 * sum(LENGTHS), f"{padding} of {sum(LENGTHS)} pieces are padding"
    longest = [max(batch) for batch in batches[:POOL]]
    assert longest != sorted(longest) != longest[::-1]
    assert len(batches[-1]) == len(LENGTHS) % 8, "the short batch comes last"


def test_no_items_and_fewer_than_a_batch() -> None:
    assert list(LengthGrouped([], 8, 1)) == []
    assert sorted(LengthGrouped([3, 1, 2], 8, 1)) == [0, 1, 2]


# rates --------------------------------------------------------------------------------------------------------------


def test_every_parameter_learns_at_the_rate_of_its_depth(tmp_path: Path) -> None:
    config = toy.small(tmp_path, model={"crf": True})
    model = build_model(config, load_corpus(config.data)).model
    settings = TrainingConfig(learning_rate=1e-4, head_learning_rate=1e-2, layer_decay=0.5, weight_decay=0.1)
    groups = build_optimizer(model, settings).param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {names[id(p)]: (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    assert found.keys() == set(names.values()), "no parameter is left out"
    for name, (rate, decay) in found.items():
        if not name.startswith("encoder."):
            wanted = 1e-2
        elif "embeddings" in name:
            wanted = 1e-4 * 0.25
        else:
            wanted = 1e-4 * (1.0 if "layer.1." in name else 0.5)
        assert rate == pytest.approx(wanted), name
        assert decay == (0.0 if name.endswith("bias") or "LayerNorm" in name else 0.1), name


NORMS = {  # what each family calls the layer norms of an encoder of two layers, and where it has them
    "bert": {"embeddings.LayerNorm", "encoder.layer.N.attention.output.LayerNorm", "encoder.layer.N.output.LayerNorm"},
    "distilbert": {
        "embeddings.LayerNorm",
        "transformer.layer.N.sa_layer_norm",
        "transformer.layer.N.output_layer_norm",
    },
    "albert": {
        "embeddings.LayerNorm",
        "encoder.albert_layer_groups.N.albert_layers.N.attention.LayerNorm",
        "encoder.albert_layer_groups.N.albert_layers.N.full_layer_layer_norm",
    },
    "electra": {
        "embeddings.LayerNorm",
        "encoder.layer.N.attention.output.LayerNorm",
        "encoder.layer.N.output.LayerNorm",
    },
    "deberta-v2": {
        "embeddings.LayerNorm",
        "encoder.LayerNorm",
        "encoder.layer.N.attention.output.LayerNorm",
        "encoder.layer.N.output.LayerNorm",
    },
    "modernbert": {"embeddings.norm", "layers.N.attn_norm", "layers.N.mlp_norm", "final_norm"},
}


@pytest.mark.parametrize("family", NORMS)
def test_layer_norms_and_biases_alone_are_not_decayed(family: str) -> None:
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    narrow = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64} if family == "distilbert" else sizes
    special = {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2, "pad_token_id": 0}
    relative = {"relative_attention": True, "norm_rel_ebd": "layer_norm"} if family == "deberta-v2" else {}
    settings = {"model_type": family, "vocab_size": 50, "embedding_size": 32, **narrow, **special, **relative}
    model = JointBert(JointBertConfig(encoder=settings, intents=3, tags=5, crf=True, max_pieces=32))
    groups = build_optimizer(model, TrainingConfig(weight_decay=0.1)).param_groups
    spared = {id(item) for group in groups if not group["weight_decay"] for item in group["params"]}
    names = {name for name, item in model.named_parameters() if id(item) in spared}
    norms = {f"encoder.{name}.weight" for name in NORMS[family]}
    assert {re.sub(r"\.\d+\.", ".N.", name) for name in names if not name.endswith("bias")} == norms
    assert {name for name, _ in model.named_parameters() if name.endswith("bias")} < names


def test_a_checkpoint_that_decays_other_parameters_is_refused(tmp_path: Path) -> None:
    config = toy.small(tmp_path)
    model = build_model(config, load_corpus(config.data)).model
    optimizer = build_optimizer(model, config.training)
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    moved = state["param_groups"][0]["params"].pop()
    state["param_groups"][1]["params"].append(moved)
    with pytest.raises(ModelError, match=r"^the run to resume: decays other parameters than this version .*; expected"):
        optimizer.load_state_dict(state)


# numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "amx", "avx", "gpu", "bf16"),
    [
        ("auto", False, False, None, False),
        ("auto", True, False, None, True),
        ("auto", False, True, None, True),
        ("auto", True, True, (7, 5), False),
        ("auto", False, False, (9, 0), True),
        ("fp32", True, True, (9, 0), False),
        ("bf16", False, False, None, True),
    ],
)
def test_bf16_is_taken_where_the_hardware_has_it(
    monkeypatch: pytest.MonkeyPatch, wanted: str, amx: bool, avx: bool, gpu: tuple[int, int] | None, bf16: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu is not None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: gpu)
    assert precision.use_bf16(wanted) is bf16  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "steps"), [(0.0, 0), (0.1, 10), (1.0, 100)])
def test_warmup_is_a_share_of_the_steps(tmp_path: Path, share: float, steps: int) -> None:
    arguments = training_arguments(TrainingConfig(warmup=share, precision="fp32"), tmp_path)
    assert arguments.get_warmup_steps(100) == steps


# what is shown ------------------------------------------------------------------------------------------------------


def test_a_curve_is_drawn_from_a_log_with_and_without_slots(tmp_path: Path) -> None:
    draw_curve([{"epoch": 0.5, "loss": 1.0}, {"epoch": 1.0, "eval_intent_accuracy": 0.5}], tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_moves_on_a_terminal_only(terminal: bool) -> None:
    from transformers import TrainerControl, TrainerState

    stream = io.StringIO()
    bar = ProgressBar(Console(file=stream, force_terminal=terminal, force_interactive=terminal, width=80))
    state, control = TrainerState(max_steps=5678, global_step=1234), TrainerControl()
    bar.on_train_begin(None, state, control)  # type: ignore[arg-type]
    bar.on_log(None, state, control, logs={"loss": 10.5})  # type: ignore[arg-type]
    bar.on_evaluate(None, state, control, metrics={"eval_sentence_accuracy": 0.75})  # type: ignore[arg-type]
    bar.on_step_end(None, state, control)  # type: ignore[arg-type]
    bar.on_train_end(None, state, control)  # type: ignore[arg-type]
    bar.close()
    assert ("loss 10.500  dev sentence 75.0" in stream.getvalue()) is terminal
    assert bool(stream.getvalue()) is terminal


def test_without_a_terminal_a_long_run_says_a_line_a_minute() -> None:
    from transformers import TrainerControl, TrainerState

    stream, now = io.StringIO(), [0.0]
    bar = ProgressBar(Console(file=stream, width=80), title="pretraining", clock=lambda: now[0])
    state, control = TrainerState(max_steps=2000), TrainerControl()
    bar.on_train_begin(None, state, control)  # type: ignore[arg-type]
    bar.on_log(None, state, control, logs={"loss": 2.5})  # type: ignore[arg-type]
    for state.global_step in range(1, 16):
        now[0] += 10.0
        bar.on_step_end(None, state, control)  # type: ignore[arg-type]
    bar.close()
    first, second = stream.getvalue().splitlines()
    assert first.startswith("pretraining: step 6 of 2,000  loss 2.500  ") and first.endswith(" left")
    assert second.startswith("pretraining: step 12 of 2,000  loss 2.500  ")
