"""How fast an epoch is: the usual way against this project's, in one run, with the dev scores of both.

    jointbert data get atis --mirror MIRROR
    python benchmarks/epoch_speed.py

The usual way: fp32, every utterance padded to 50 pieces, shuffled batches of 32, PyTorch's default AdamW. Ours: batches
of like length padded to their own longest, fused AdamW, lean dropout and embedding (jointbert/training/lean.py), bf16
where the hardware computes it fast, with plain attention on a CPU (jointbert/fitting/attention.py). Same trainer, same
model, same seed, same schedule.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from machine import machine, matrix_rate
from torch.optim import AdamW
from torch.utils.data import DataLoader, RandomSampler

from jointbert.codec import Codec
from jointbert.config import Config, load_config
from jointbert.fitting.attention import plain_attention
from jointbert.fitting.precision import use_bf16
from jointbert.training.arguments import training_arguments
from jointbert.training.batches import EncodedDataset, LengthGrouped, TensorCollator
from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus
from jointbert.training.lean import lean
from jointbert.training.trainer import JointTrainer

ROOT = Path(__file__).parent.parent
PADDED = 50


class UsualTrainer(JointTrainer):
    """The same trainer with the loader and the optimiser that most implementations use."""

    def get_train_dataloader(self) -> DataLoader[Any]:
        collate = TensorCollator(int(self.joint.config.encoder.get("pad_token_id") or 0))

        def padded(items: list[Any]) -> dict[str, torch.Tensor]:
            batch = collate(items)
            for name, filler in (("input_ids", collate.pad_id), ("attention_mask", 0), ("piece_words", -1)):
                missing = PADDED - batch[name].size(1)
                batch[name] = torch.nn.functional.pad(batch[name], (0, missing), value=filler)
            return batch

        data = EncodedDataset(self.encoded)
        sampler = RandomSampler(data, generator=torch.Generator().manual_seed(self.config.seed))
        loader = DataLoader(data, self.config.batch_size, sampler=sampler, collate_fn=padded)
        return self.accelerator.prepare(loader)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        return self.optimizer


def plain(optimizer: torch.optim.Optimizer) -> AdamW:
    """The same groups in PyTorch's default AdamW."""
    return AdamW([{**group, "fused": None, "foreach": None} for group in optimizer.param_groups])


def timed(kind: str, config: Config) -> dict[str, float]:
    """Train from the same start and say how long an epoch took and what dev says."""
    corpus = load_corpus(config.data)
    fresh = build_model(config, corpus)
    codec = Codec(fresh.tokenizer.backend_tokenizer, corpus.labels, PADDED) if kind == "usual" else fresh.codec
    encoded, _ = codec.encode(corpus.train)
    light = contextlib.nullcontext() if kind == "usual" else lean(fresh.model, encoded)
    bf16 = use_bf16(config.training.precision)
    with tempfile.TemporaryDirectory() as work, light, plain_attention(fresh.model, bf16):
        arguments = training_arguments(config.training, Path(work))
        arguments.save_strategy, arguments.eval_strategy, arguments.load_best_model_at_end = "no", "no", False
        maker = UsualTrainer if kind == "usual" else JointTrainer
        trainer = maker(fresh.model, arguments, config.training, fresh.codec, encoded, corpus.dev, [])
        if kind == "usual":
            trainer.optimizer = plain(trainer.optimizer)
        start = time.perf_counter()
        trainer.train()
        seconds = (time.perf_counter() - start) / config.training.epochs
        dev = trainer.evaluate()
    return {"seconds_per_epoch": round(seconds, 1), "dev_sentence_accuracy": dev["eval_sentence_accuracy"]}


def bound(config: Config) -> dict[str, float]:
    """The least that an epoch of ours can take in its number format: its products alone, at the machine's best rate.

    A product with a weight matrix costs 2 operations a weight and piece forwards, 4 backwards. Attention, embeddings,
    norms, dropout, the optimiser and Python are not counted.
    """
    corpus = load_corpus(config.data)
    fresh = build_model(config, corpus)
    encoded, _ = fresh.codec.encode(corpus.train)
    data = EncodedDataset(encoded)
    order = list(LengthGrouped(data.lengths(), config.training.batch_size, config.training.seed))
    size, lengths = config.training.batch_size, data.lengths()
    batches = [[lengths[index] for index in order[begin : begin + size]] for begin in range(0, len(order), size)]
    pieces = sum(len(batch) * max(batch) for batch in batches)
    weights = sum(
        module.weight.numel() for module in fresh.model.encoder.modules() if isinstance(module, torch.nn.Linear)
    )
    number_format = "bfloat16" if use_bf16(config.training.precision) else "float32"
    rate, operations = matrix_rate(number_format), 6 * weights * pieces / 1e9
    padding = round(100 * (1 - sum(lengths) / pieces), 1)
    return {
        "gflop_per_s": round(rate),
        "gflop": round(operations),
        "padding_percent": padding,
        "seconds": round(operations / rate, 1),
    }


def main() -> None:
    """Time both ways, in turn, and write benchmarks/results/epoch_speed.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="how often each way is timed, in turn")
    parser.add_argument(
        "--only-bound", action="store_true", help="measure what is possible; keep the timings there are"
    )
    arguments = parser.parse_args()
    base = [f"training.epochs={arguments.epochs}"]
    usual = load_config(ROOT / "configs" / "atis.yaml", [*base, "training.precision=fp32"])
    ours = load_config(ROOT / "configs" / "atis.yaml", base)
    path = Path(__file__).parent / "results" / "epoch_speed.json"
    if arguments.only_bound:
        kept = json.loads(path.read_text(encoding="utf-8")) | {"bound": bound(ours)}
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        return
    rounds = []
    for _ in range(arguments.rounds):
        rounds.append({"usual": timed("usual", usual), "ours": timed("ours", ours)})
        print(rounds[-1], flush=True)
    record = {
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "epochs": arguments.epochs,
        "bf16": use_bf16(ours.training.precision),
        "bound": bound(ours),
        "rounds": rounds,
        "ratio": round(
            sum(item["usual"]["seconds_per_epoch"] for item in rounds)
            / sum(item["ours"]["seconds_per_epoch"] for item in rounds),
            2,
        ),
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{record['ratio']}x faster; written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
