"""How well a model tells what is out of scope: CLINC150 as published, and what two datasets do not hold.

    jointbert data get clinc150 --mirror MIRROR      (likewise snips)
    python benchmarks/out_of_scope.py clinc150 snips demo-en
    python benchmarks/out_of_scope.py clinc150 --model models/clinc150-gte   (one that was trained already)
    python benchmarks/report.py                      (writes benchmarks/RESULTS.md from the JSON files)

CLINC150: 150 intents; nothing out of scope is trained on. The scorer and its threshold are chosen on dev, with its 100
utterances out of scope and, as another row, without them; test is scored once.

SNIPS and demo-en: some intents, drawn by the seed, are held out of training and of dev. What is near is the test
utterances of those intents; what is far is the small talk of CLINC150's test. Nothing out of scope is on dev.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine import machine

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
CLINC = "datasets/clinc150"
SEED = 13

HELD_OUT: dict[str, dict[str, Any]] = {
    "snips": {"test": "datasets/snips/test", "held": 2, "each": 250, "set": ("encoder=minilm-l6", "training.epochs=4")},
    "demo-en": {"test": "datasets/demo-en/test.jsonl", "held": 3, "each": None, "set": ()},
}
"""By config: its test split, how many intents are held out, the most training utterances of each, and overrides."""

SMALL_TALK = (
    *("are_you_a_bot", "do_you_have_pets", "fun_fact", "goodbye", "greeting", "how_old_are_you", "meaning_of_life"),
    *("tell_joke", "thank_you", "what_are_your_hobbies", "what_is_your_name", "where_are_you_from"),
    *("who_do_you_work_for", "who_made_you"),
)
"""Intents of CLINC150 that are talk for its own sake."""


def rows(evidence: Any, dev: Any, tests: dict[str, Any], labels: Any, keep: float = 0.95) -> dict[str, Any]:
    """Every scorer at its own threshold on dev and on each test, and which one dev chooses."""
    from jointbert.codec.scope import SCORERS
    from jointbert.config import ScopeConfig
    from jointbert.training.scope import choose_scope, measure

    best = choose_scope(evidence, dev, labels, ScopeConfig(scorer="auto", keep=keep))
    found: dict[str, Any] = {"chosen": best.scorer.name, "rule": best.chosen["rule"], "scorers": {}}
    for row in best.chosen["scores"]:
        name = row["scorer"]
        scope = choose_scope(evidence, dev, labels, ScopeConfig(scorer=name, keep=keep))
        assert scope.scorer.name in SCORERS and scope.threshold == row["threshold"]
        scores = {place: measure(scope, split).to_dict() for place, split in tests.items()}
        found["scorers"][name] = {"dev": row} | scores
    return found


def opened(folder: Path | str) -> tuple[Any, Any]:
    """A saved model's path from text to scores, with [CLS] states, and its labels."""
    from jointbert.checkpoint.folder import load_folder, make_predictor

    model, contents = load_folder(folder)
    return make_predictor(model, contents.codec, states=True), contents.labels


def clinc150(folder: Path | None) -> dict[str, Any]:
    """CLINC150 with gte-small: what is on dev out of scope, or nothing, or training utterances as well."""
    from jointbert.config import load_config
    from jointbert.data import read
    from jointbert.training.run import train
    from jointbert.training.scope import Split, see, see_split, see_train

    config = load_config(ROOT / "configs" / "clinc150-gte.yaml", ["scope.scorer=none"])
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            train(config, scratch)
        predictor, labels = opened(folder or scratch)
        parts = {name: read(f"{CLINC}/{name}.jsonl") for name in ("train", "dev", "test")}
        outside = {name: read(f"{CLINC}/oos_{name}.jsonl") for name in parts}
        evidence = see_train(predictor, parts["train"], outside["train"])
        splits = {name: see_split(predictor, parts[name], outside[name]) for name in ("dev", "test")}
    bare, nothing = evidence.__class__(evidence.states, evidence.classes, evidence.outside[:0]), see(predictor, [])
    kept = Split(splits["dev"].inside, splits["dev"].right, nothing)
    tests = {"test": splits["test"]}
    variants = {
        "dev out of scope": rows(bare, splits["dev"], tests, labels),
        "nothing out of scope": rows(bare, kept, tests, labels),
        "train and dev out of scope": rows(evidence, splits["dev"], tests, labels),
    }
    settings = {
        "config": "clinc150-gte",
        "settings": config.model_dump(),
        "counts": {"out of scope": len(outside["test"])},
    }
    return settings | {"intent_accuracy": float(splits["test"].right.mean()), "variants": variants}


def held_out(name: str) -> dict[str, Any]:
    """A dataset with some intents held out: near is what is theirs, far is small talk."""
    from jointbert.config import load_config
    from jointbert.data import read, write
    from jointbert.training.run import train
    from jointbert.training.scope import see_split, see_train

    how = HELD_OUT[name]
    plain = load_config(ROOT / "configs" / f"{name}.yaml", list(how["set"]))
    given = {
        part: read(path, plain.data.format) for part, path in (("train", plain.data.train), ("dev", plain.data.dev))
    }
    given["test"] = read(how["test"])
    held = sorted(random.Random(SEED).sample(sorted({str(item.intent) for item in given["train"]}), how["held"]))
    inside = {part: [item for item in items if item.intent not in held] for part, items in given.items()}
    inside["train"] = few(inside["train"], how["each"])
    near = [item for item in given["test"] if item.intent in held]
    far = [item for item in read(f"{CLINC}/test.jsonl") if item.intent in SMALL_TALK]
    with tempfile.TemporaryDirectory() as scratch:
        paths = {part: Path(scratch) / f"{part}.jsonl" for part in ("train", "dev")}
        for part, path in paths.items():
            write(path, inside[part])
        overrides = [*how["set"], f"data.train={paths['train']}", f"data.dev={paths['dev']}"]
        train(load_config(ROOT / "configs" / f"{name}.yaml", overrides), Path(scratch) / "model")
        predictor, labels = opened(Path(scratch) / "model")
        evidence = see_train(predictor, inside["train"], [])
        dev = see_split(predictor, inside["dev"], [])
        tests = {place: see_split(predictor, inside["test"], out) for place, out in (("near", near), ("far", far))}
    counts = {part: len(items) for part, items in inside.items()} | {"near": len(near), "far": len(far)}
    variants = {"nothing out of scope": rows(evidence, dev, tests, labels)}
    return {"config": name, "settings": plain.model_dump(), "held_out": held, "counts": counts, "variants": variants}


def few(utterances: Sequence[Any], each: int | None) -> list[Any]:
    """At most so many utterances of each intent, the first ones."""
    taken: dict[str, int] = {}
    found = []
    for item in utterances:
        taken[item.intent] = taken.get(item.intent, 0) + 1
        if each is None or taken[item.intent] <= each:
            found.append(item)
    return found


def main() -> None:
    """Run the asked-for cases; one whose JSON file exists is left alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", choices=["clinc150", *HELD_OUT])
    parser.add_argument("--model", type=Path, help="a folder that configs/clinc150-gte.yaml gave")
    arguments = parser.parse_args()
    for case in arguments.cases:
        path = RESULTS / f"out_of_scope-{case}.json"
        if path.exists():
            print(f"{path.name} is there already; delete it to run it again", file=sys.stderr)
            continue
        start = time.perf_counter()
        found = clinc150(arguments.model) if case == "clinc150" else held_out(case)
        head = {"case": case, "seed": SEED, "machine": machine(), "date": time.strftime("%Y-%m-%d")}
        record = head | {"seconds": round(time.perf_counter() - start, 1)} | found
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(path.name, flush=True)


if __name__ == "__main__":
    main()
