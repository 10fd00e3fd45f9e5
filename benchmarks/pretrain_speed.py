"""How fast pretraining is: pieces per second, and what share of the machine's best matrix rate that is.

    python benchmarks/pretrain_speed.py --steps 40

Trains mini-en's shape on the demo corpus's texts (what they say does not matter here) and counts the operations of the
matrix products alone: 6 a weight and piece, the vocabulary-wide head at the chosen pieces only. Writes
benchmarks/results/pretrain_speed.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from machine import machine, matrix_rate
from torch import nn

from jointbert.config import PretrainConfig
from jointbert.data import read
from jointbert.fitting.precision import use_bf16
from jointbert.model.names import locate
from jointbert.model.pretraining import load_pretraining_model
from jointbert.pretraining.run import pretrain

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
LENGTH, BATCH, LOG = 128, 16, 5


def operations_per_piece(encoder: str, mlm_share: float) -> float:
    """FLOP of the matrix products for one piece, forwards and backwards."""
    model, _ = load_pretraining_model(encoder)
    layers = sum(m.weight.numel() for m in model.bert.encoder.modules() if isinstance(m, nn.Linear))
    head = sum(m.weight.numel() for m in model.cls.predictions.modules() if isinstance(m, nn.Linear))
    return 6 * (layers + mlm_share * head)


def main() -> None:
    """Run some steps and write what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    texts = [item.text for item in read(ROOT / "datasets" / "demo-en" / "train.jsonl")]
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "corpus.txt"
        documents = ["\n".join(f"{text}." for text in texts[at : at + 20]) for at in range(0, len(texts), 20)]
        corpus.write_text("\n\n".join(documents * 4), encoding="utf-8")
        config = PretrainConfig.model_validate(
            {
                "corpus": {"sources": [{"path": str(corpus)}], "held_out": 0.05},
                "model": {"tokenizer": locate("mini-en"), "size": "mini", "max_pieces": LENGTH, "dropout": 0.0},
                "objective": {"length": LENGTH, "short_share": 0.0},
                "training": {"steps": arguments.steps, "batch_size": BATCH, "log_every": LOG, "save_every": 10_000},
            }
        )
        pretrain(config, Path(scratch) / "out")
        with (Path(scratch) / "out" / "pretraining_curve.csv").open(encoding="utf-8") as file:
            rates = [float(row["pieces_per_second"]) for row in csv.DictReader(file) if row["pieces_per_second"]]
    bf16 = use_bf16(config.training.precision)
    speed, best = median(rates[1:]), matrix_rate("bfloat16" if bf16 else "float32")
    operations = operations_per_piece("mini-en", config.objective.mlm_share)
    record = {
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "steps": arguments.steps,
        "batch": f"{BATCH} x {LENGTH}",
        "format": "bf16" if bf16 else "fp32",
        "pieces_per_second": round(speed),
        "mflop_per_piece": round(operations / 1e6, 1),
        "gflop_per_s": round(speed * operations / 1e9, 1),
        "matrix_gflop_per_s": round(best, 1),
        "matrix_gflop_per_s_bf16": round(matrix_rate("bfloat16"), 1),
        "share": round(speed * operations / 1e9 / best, 3),
        "threads": torch.get_num_threads(),
    }
    (RESULTS / "pretrain_speed.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
