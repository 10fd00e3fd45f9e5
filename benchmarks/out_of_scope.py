"""How well a model tells what is out of scope: CLINC150 as published, and what two datasets do not hold.

    jointbert data get clinc150 --mirror MIRROR      (likewise snips)
    python benchmarks/out_of_scope.py clinc150 snips demo-en
    python benchmarks/out_of_scope.py clinc150 --model models/clinc150-gte   (one that was trained already)
    python benchmarks/out_of_scope.py snips demo-en --encoder mini-en --set training.learning_rate=3e-4
    python benchmarks/report.py                      (writes benchmarks/RESULTS.md from the JSON files)

CLINC150: 150 intents; nothing out of scope is trained on. The scorer and its threshold are chosen on dev, with its 100
utterances out of scope and, as another row, without them. Beside the default threshold stand that of Larson et al.
2019, who count dev's utterances as they come, and those of other shares of traffic out of scope. Test chooses nothing.

SNIPS and demo-en: some intents, drawn by the seed, are held out of training and of dev. What is near is the test
utterances of those intents; what is far is the small talk of CLINC150's test, or for demo-en, where small talk is an
intent, what is out of CLINC150's own scope. Nothing out of scope is on dev.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from keep import Record, keep
from machine import machine

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
CLINC = "datasets/clinc150"
SEED = 13
SHARES = (0.03, 0.1, 0.5)
"""Shares of traffic out of scope whose thresholds are compared."""

HELD_OUT: dict[str, dict[str, Any]] = {
    "snips": {
        "test": "datasets/snips/test",
        "held": 2,
        "each": 250,
        "set": ("encoder=minilm-l6", "training.epochs=4"),
        "far": "small talk",
    },
    "demo-en": {"test": "datasets/demo-en/test.jsonl", "held": 3, "each": None, "set": (), "far": "out of scope"},
}
"""By config: its test split, how many intents are held out, the most training utterances of each, overrides, and what
of CLINC150's test is far: small talk or, where the data has an intent for that, what is out of CLINC150's own scope."""

SMALL_TALK = (
    *("are_you_a_bot", "do_you_have_pets", "fun_fact", "goodbye", "greeting", "how_old_are_you", "meaning_of_life"),
    *("tell_joke", "thank_you", "what_are_your_hobbies", "what_is_your_name", "where_are_you_from"),
    *("who_do_you_work_for", "who_made_you"),
)
"""Intents of CLINC150 that are talk for its own sake."""


def variant(evidence: Any, dev: Any, tests: dict[str, Any], labels: Any, **scope: Any) -> dict[str, Any]:
    """Every scorer at its own threshold on dev and on each test, and which one dev chooses."""
    from jointbert.config import ScopeConfig
    from jointbert.training.scope import best_of, fit_each, measure

    config = ScopeConfig(**{"scorer": "auto"} | scope)
    found = fit_each(evidence, dev, labels, config)
    share = config.outside_share if len(dev.outside.states) else None
    head = {"chosen": best_of(found).scorer.name, "outside_share": share, "keep": config.keep}
    scorers = {
        one.scorer.name: {"dev": scores.to_dict()}
        | {place: measure(one, split).to_dict() for place, split in tests.items()}
        for one, scores in found
    }
    return head | {"scorers": scorers}


def opened(folder: Path | str) -> tuple[Any, Any]:
    """A saved model's path from text to scores, with [CLS] states, and its labels."""
    from jointbert.checkpoint.folder import load_folder, make_predictor

    model, contents = load_folder(folder)
    return make_predictor(model, contents.codec, states=True), contents.labels


def trained_by(folder: Path, config: Any) -> dict[str, Any]:
    """Which model a folder holds, for the record; it must be one that this very config gives."""
    from jointbert.checkpoint.contents import open_contents
    from jointbert.config import load_config

    own = load_config(folder / "training.yaml")
    for part in ("encoder", "model", "training"):
        if getattr(own, part) != getattr(config, part):
            sys.exit(f"{folder}: {part} of its training.yaml is not that of the config; expected a model that it gave")
    return {"trained": "earlier", "version": open_contents(folder).version}


def clinc150(folder: Path | None) -> dict[str, Any]:
    """CLINC150 with gte-small: what is on dev out of scope, or nothing, or training utterances as well."""
    from jointbert.config import load_config
    from jointbert.data import read
    from jointbert.training.run import train
    from jointbert.training.scope import see_split, see_train

    config = load_config(ROOT / "configs" / "clinc150-gte.yaml", ["scope.scorer=none"])
    model = {"trained": "in this run"} if folder is None else trained_by(folder, config)
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            train(config, scratch)
        predictor, labels = opened(folder or scratch)
        parts = {name: read(f"{CLINC}/{name}.jsonl") for name in ("train", "dev", "test")}
        outside = {name: read(f"{CLINC}/oos_{name}.jsonl") for name in parts}
        evidence = see_train(predictor, parts["train"], outside["train"])
        splits = {name: see_split(predictor, parts[name], outside[name]) for name in ("dev", "test")}
    settings = {
        "config": "clinc150-gte",
        "settings": config.model_dump(),
        "model": model,
        "counts": {name: len(items) for name, items in parts.items()}
        | {f"{name} out of scope": len(items) for name, items in outside.items()},
    }
    accuracy = float(splits["test"].right.mean())
    return settings | {"intent_accuracy": accuracy} | clinc150_variants(evidence, splits, labels)


def clinc150_variants(evidence: Any, splits: dict[str, Any], labels: Any) -> dict[str, Any]:
    """What is known of the outside, and what is assumed of traffic, in every way that the tables show."""
    from jointbert.config import ScopeConfig

    dev, tests = splits["dev"], {"test": splits["test"]}
    bare = replace(evidence, outside=evidence.outside[:0])
    kept = dev._replace(outside=dev.outside.__class__(None, dev.outside.states[:0]))
    own = len(dev.outside.states) / (len(dev.right) + len(dev.outside.states))
    variants = {
        "dev out of scope": variant(bare, dev, tests, labels),
        "as published": variant(bare, dev, tests, labels, outside_share=own),
        "nothing out of scope": variant(bare, kept, tests, labels),
        "train and dev out of scope": variant(evidence, dev, tests, labels),
    }
    scorer = variants["dev out of scope"]["chosen"]
    shares = [
        {"outside_share": share}
        | variant(bare, dev, tests, labels, scorer=scorer, outside_share=share)["scorers"][scorer]
        for share in sorted({*SHARES, ScopeConfig().outside_share})
    ]
    return {"variants": variants, "shares": shares}


def held_out(name: str, encoder: str | None, overrides: Sequence[str]) -> dict[str, Any]:
    """A dataset with some intents held out: near is what is theirs, far is small talk."""
    from jointbert.config import load_config
    from jointbert.data import read, write
    from jointbert.training.run import train
    from jointbert.training.scope import see_split, see_train

    how, path = HELD_OUT[name], ROOT / "configs" / f"{name}.yaml"
    wanted = [*how["set"], *([] if encoder is None else [f"encoder={encoder}"]), *overrides]
    plain = load_config(path, wanted)
    given = {
        part: read(place, plain.data.format) for part, place in (("train", plain.data.train), ("dev", plain.data.dev))
    }
    given["test"] = read(how["test"])
    held = sorted(random.Random(SEED).sample(sorted({str(item.intent) for item in given["train"]}), how["held"]))
    inside = {part: [item for item in items if item.intent not in held] for part, items in given.items()}
    inside["train"] = few(inside["train"], how["each"])
    near = [item for item in given["test"] if item.intent in held]
    far = far_from(how["far"])
    with tempfile.TemporaryDirectory() as scratch:
        paths = {part: Path(scratch) / f"{part}.jsonl" for part in ("train", "dev")}
        for part, place in paths.items():
            write(place, inside[part])
        own = [f"data.train={paths['train']}", f"data.dev={paths['dev']}"]
        train(load_config(path, [*wanted, *own]), Path(scratch) / "model")
        predictor, labels = opened(Path(scratch) / "model")
        evidence = see_train(predictor, inside["train"], [])
        dev = see_split(predictor, inside["dev"], [])
        tests = {place: see_split(predictor, inside["test"], out) for place, out in (("near", near), ("far", far))}
    counts = {part: len(items) for part, items in inside.items()} | {"near": len(near), "far": len(far)}
    variants = {"nothing out of scope": variant(evidence, dev, tests, labels)}
    case = {"config": name, "settings": plain.model_dump(), "held_out": held, "far": how["far"]}
    return case | {"counts": counts, "variants": variants}


def far_from(kind: str) -> list[Any]:
    """Utterances of CLINC150's test that are far from a dataset, by what HELD_OUT calls them."""
    from jointbert.data import read

    if kind == "out of scope":
        return list(read(f"{CLINC}/oos_test.jsonl"))
    return [item for item in read(f"{CLINC}/test.jsonl") if item.intent in SMALL_TALK]


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
    parser.add_argument("--model", type=Path, help="for clinc150: a folder that configs/clinc150-gte.yaml gave")
    parser.add_argument("--encoder", help=f"for {' and '.join(HELD_OUT)}: another encoder, by its known name")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="for the same: config overrides"
    )
    arguments = parser.parse_args()
    if "clinc150" in arguments.cases and (arguments.encoder or arguments.set):
        parser.error("clinc150 is measured with gte-small as its config says; ask for it without --encoder and --set")
    if arguments.model is not None and arguments.cases != ["clinc150"]:
        parser.error("--model is for clinc150; ask for it alone")
    for case in arguments.cases:
        path = RESULTS / f"{'-'.join(filter(None, ('out_of_scope', case, arguments.encoder)))}.json"
        keep(path, partial(measure, case, arguments))


def measure(case: str, arguments: argparse.Namespace) -> Record:
    """What one case gives, and on what machine."""
    start = time.perf_counter()
    found = clinc150(arguments.model) if case == "clinc150" else held_out(case, arguments.encoder, arguments.set)
    head = {"case": case, "seed": SEED, "machine": machine(), "date": time.strftime("%Y-%m-%d")}
    return head | {"seconds": round(time.perf_counter() - start, 1)} | found


if __name__ == "__main__":
    main()
