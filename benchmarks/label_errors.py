"""How many label errors the ranking finds: some are planted, and cross-validation looks for them.

    jointbert data get snips --mirror MIRROR
    python benchmarks/label_errors.py snips --folds 5 --seed 13
    python benchmarks/report.py                    (writes benchmarks/RESULTS.md from the JSON files)

benchmarks/corrupt.py spoils one label of 5 % of the train utterances (--share): half get another intent, the rest by
thirds another slot, a dropped span, a moved edge. The package's own cross-validation runs on what comes of it, and its
own ranking (jointbert/evaluation/doubt.py) says who is suspicious. What counts is how many of the spoilt utterances
stand within the first 5, 10 and 20 % of the ranking. Errors that the dataset had before count as right, so the numbers
are a lower bound.

--keep FOLDER keeps the cross-validation there; a run that was stopped goes on in it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corrupt import KINDS, corrupt
from keep import Record, keep
from machine import machine

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
FIRST = (0.05, 0.10, 0.20)


def measure(ranked: Sequence[int], kinds: Mapping[int, str]) -> dict[str, Any]:
    """How well a ranking finds what was planted, for each kind and for all.

    Args:
        ranked: The utterances' places in the data, the most suspicious first.
        kinds: Place → kind of error of those that have one.

    Returns:
        Kind, or ``"all"`` → {``planted``, ``recall``: share of the list → share of the planted ones in it,
        ``average_precision``}, rates from 0 to 1.

    Example:
        >>> measure([3, 1, 0, 2], {3: "edge moved", 0: "span dropped"})["all"]["average_precision"]
        0.8333333333333333
    """
    wanted = {"all": set(kinds)} | {kind: {place for place, each in kinds.items() if each == kind} for kind in KINDS}
    found = {}
    for kind, planted in wanted.items():
        if planted:
            recall = {f"{share:.2f}": _recall(ranked[: round(share * len(ranked))], planted) for share in FIRST}
            precision = average_precision(ranked, planted, set(kinds) - planted)
            found[kind] = {"planted": len(planted), "recall": recall, "average_precision": precision}
    return found


def _recall(first: Sequence[int], planted: set[int]) -> float:
    return len(planted.intersection(first)) / len(planted)


def average_precision(ranked: Sequence[int], planted: set[int], other: set[int]) -> float:
    """The mean precision (0..1) at the places of the planted ones; errors of other kinds are left out of the list."""
    hits, total, place = 0, 0.0, 0
    for each in ranked:
        if each not in other:
            place += 1
            if each in planted:
                hits += 1
                total += hits / place
    return total / len(planted)


def run(name: str, folds: int, share: float, seed: int, keep: Path | None, overrides: Sequence[str]) -> dict[str, Any]:
    """Plant, cross-validate, rank and measure."""
    from jointbert.config import load_config
    from jointbert.data import read, write
    from jointbert.evaluation.doubt import rank_labels
    from jointbert.evaluation.score import evaluate
    from jointbert.training.crossval import cross_validate

    plain = load_config(ROOT / "configs" / f"{name}.yaml", [f"training.seed={seed}", *overrides])
    spoilt, kinds = corrupt(read(plain.data.train, plain.data.format), share, seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "train.jsonl", spoilt)
        data = plain.data.model_copy(update={"train": str(folder / "train.jsonl"), "format": None})
        items = cross_validate(plain.model_copy(update={"data": data}), folder / "cv", folds)
    gold, parses = [item.gold for item in items], [item.parse for item in items]
    ranked = rank_labels(gold, parses)
    scores = evaluate(gold, parses)
    return {
        "config": name,
        "settings": plain.model_dump(),
        "folds": folds,
        "share": share,
        "seed": seed,
        "utterances": len(items),
        "out_of_fold_sentence_accuracy": scores.sentence_accuracy,
        "doubtful": _doubtful([suspect.place for suspect in ranked if suspect.doubtful], kinds),
        "found": measure([suspect.place for suspect in ranked], kinds),
    }


def _doubtful(places: Sequence[int], kinds: Mapping[int, str]) -> dict[str, int]:
    """How long the list is that a user gets, and how many of the planted ones it holds."""
    return {"listed": len(places), "planted": sum(place in kinds for place in places)}


def main() -> None:
    """Run it, unless its JSON file is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="the name of a config in configs/, such as snips")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--keep", type=Path, help="a folder for the cross-validation, to go on after a stop")
    parser.add_argument("--set", dest="overrides", action="append", default=[], help="override a key of the config")
    parser.add_argument("--name", help="of the result, if not the config's")
    arguments = parser.parse_args()

    def measured() -> Record:
        start = time.perf_counter()
        how = (arguments.folds, arguments.share, arguments.seed, arguments.keep, arguments.overrides)
        found = run(arguments.config, *how)
        head = {"overrides": arguments.overrides, "machine": machine(), "date": time.strftime("%Y-%m-%d")}
        return head | {"seconds": round(time.perf_counter() - start, 1)} | found

    path = RESULTS / f"label_errors-{arguments.name or arguments.config}.json"
    keep(path, measured, lambda record: record["found"]["all"])


if __name__ == "__main__":
    main()
