"""How fast a trained model parses: the usual way, our three engines, the bare graph, and the classical baseline.

    jointbert data get atis
    jointbert train configs/atis.yaml --output models/atis
    jointbert export models/atis --int8
    python benchmarks/speed.py models/atis [another exported model on the same data ...]

The usual way is eager PyTorch in fp32 with every utterance padded to 50 pieces, one at a time or 32 at a time, and the
best tag taken for each word. All contenders are timed in one run, in turns of a few calls each; times are medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from classical import Classical
from machine import machine

from jointbert import NLU, Utterance
from jointbert.checkpoint.folder import load_folder
from jointbert.checkpoint.manifest import sha256
from jointbert.checkpoint.session import OnnxSession
from jointbert.checkpoint.side_by_side import SideBySide
from jointbert.codec import by_length, collate
from jointbert.data import read
from jointbert.evaluation.score import evaluate

ROOT = Path(__file__).parent.parent
PADDED, BATCH = 50, 32
TURN, WARM = 12, 3
"""Calls in a turn, of which the first few are not counted: they find the caches and the threads of the others."""
ENGINES = ("torch", "onnx", "onnx-int8")
PROBE = """
import sys
from jointbert import NLU
nlu = NLU.load(sys.argv[1], engine=sys.argv[2])
nlu.parse(sys.stdin.readline())
print("parsed", flush=True)
texts = sys.stdin.read().splitlines()
nlu.parse_many(texts)
status = open("/proc/self/status").read()
print(status.split("VmHWM:")[1].split()[0], flush=True)
"""

Parser = Callable[[Sequence[str]], Any]


class Usual:
    """Eager PyTorch, padded to 50 pieces, the best tag of each word."""

    def __init__(self, folder: Path) -> None:
        self.model, contents = load_folder(folder)
        self.codec, self.labels = contents.codec, contents.labels

    def __call__(self, texts: Sequence[str]) -> list[tuple[str, list[str]]]:
        found = []
        for begin in range(0, len(texts), BATCH):
            batch = collate(self.codec.encode_texts(texts[begin : begin + BATCH])).arrays()
            for name, filler in (("input_ids", 0), ("attention_mask", 0), ("piece_words", -1)):
                missing = max(0, PADDED - batch[name].shape[1])
                batch[name] = np.pad(batch[name], ((0, 0), (0, missing)), constant_values=filler)
            intents, tags, _ = self.model.score(batch)
            for intent, row, mask in zip(intents.argmax(-1), tags.argmax(-1), batch["word_mask"], strict=True):
                found.append((self.labels.intents[intent], [self.labels.tags[tag] for tag in row[mask]]))
        return found


def bare(folder: Path, texts: Sequence[str]) -> tuple[Parser, Parser]:
    """The int8 graph on arrays that are ready: ``session.run`` for one, and for many a batch a core."""
    path = folder / "model.int8.onnx"
    session = OnnxSession(path)
    codec = NLU.load(folder, "onnx-int8")._predictor.codec
    ready = {text: collate(codec.encode_texts([text])).arrays() for text in texts}
    batches = [batch.arrays() for _, batch in by_length(codec.encode_texts(texts), BATCH)]
    several = SideBySide(session, path, sha256(path), None, False)
    return lambda given: session.score(ready[given[0]]), lambda _: list(several(batches, len(batches)))


def contenders(folder: Path, texts: Sequence[str]) -> dict[str, tuple[Parser, Parser]]:
    """By name: what parses one text, and what parses many."""
    usual, name = Usual(folder), folder.name
    found: dict[str, tuple[Parser, Parser]] = {f"{name}: the usual way": (usual, usual)}
    for engine in ENGINES:
        nlu = NLU.load(folder, engine)
        found[f"{name}: {engine}"] = (lambda given, nlu=nlu: nlu.parse(given[0]), nlu.parse_many)
    found[f"{name}: bare session.run, int8"] = bare(folder, texts)
    return found


def one_by_one(parsers: dict[str, Parser], texts: Sequence[str], rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds for one utterance: each contender has a turn of some calls, then the next; p50, p95, p99."""
    times: dict[str, list[float]] = {name: [] for name in parsers}
    for turn in range(rounds):
        for name, parser in parsers.items():
            for call in range(TURN):
                text = [texts[(turn * TURN + call) % len(texts)]]
                start = time.perf_counter()
                parser(text)
                if call >= WARM:
                    times[name].append(1000 * (time.perf_counter() - start))
    return {
        name: {f"p{share}": round(float(np.percentile(taken, share)), 3) for share in (50, 95, 99)}
        for name, taken in times.items()
    }


def in_bulk(parsers: dict[str, Parser], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Utterances a second when many are given at once: the median of the rounds, contenders in turn."""
    rates: dict[str, list[float]] = {name: [] for name in parsers}
    for turn in range(rounds + 1):
        for name, parser in parsers.items():
            start = time.perf_counter()
            parser(texts)
            if turn:  # the first is for warming up
                rates[name].append(len(texts) / (time.perf_counter() - start))
    return {name: round(statistics.median(taken), 1) for name, taken in rates.items()}


def fresh(folder: Path, engine: str, texts: Sequence[str]) -> tuple[float, float]:
    """A new process: seconds from its start to its first parse, and its peak memory in MiB after parsing all."""
    start = time.perf_counter()
    command = [sys.executable, "-c", PROBE, str(folder), engine]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(texts[0] + "\n")
        process.stdin.flush()
        process.stdout.readline()
        cold = time.perf_counter() - start
        process.stdin.write("\n".join(texts))
        process.stdin.close()
        return cold, int(process.stdout.readline()) / 1024


def processes(folder: Path, texts: Sequence[str], rounds: int) -> dict[str, dict[str, float]]:
    """Cold start and peak memory of each engine, medians over new processes in turn."""
    taken: dict[str, list[tuple[float, float]]] = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            taken[engine].append(fresh(folder, engine, texts))
    return {
        f"{folder.name}: {engine}": {
            "cold_start_s": round(statistics.median(cold for cold, _ in pairs), 2),
            "peak_mib": round(statistics.median(peak for _, peak in pairs), 1),
        }
        for engine, pairs in taken.items()
    }


def accuracy(gold: Sequence[Utterance], parse_many: Parser) -> dict[str, float]:
    """Intent accuracy, slot F1 and sentence accuracy, in percent."""
    scores = evaluate(gold, parse_many([item.text for item in gold])).to_dict()
    chosen = {"intent": scores["intent_accuracy"], "slot_f1": scores["slots"]["f1"]}
    return {name: round(100 * value, 2) for name, value in (chosen | {"sentence": scores["sentence_accuracy"]}).items()}


def main() -> None:
    """Time everything and write benchmarks/results/speed.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, help="exported model folders (with --int8)")
    parser.add_argument("--train", type=Path, default=ROOT / "datasets" / "atis" / "train")
    parser.add_argument("--test", type=Path, default=ROOT / "datasets" / "atis" / "test")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each contender, one utterance at a time")
    parser.add_argument("--bulk-rounds", type=int, default=3, help="passes of each contender over all utterances")
    arguments = parser.parse_args()
    gold = read(arguments.test, report=lambda problem: None)
    texts = [item.text for item in gold]
    classical = Classical(read(arguments.train, report=lambda problem: None))
    entries: dict[str, tuple[Parser, Parser]] = {"classical": (classical.parse_many, classical.parse_many)}
    for folder in arguments.models:
        entries |= contenders(folder, texts)
    with torch.inference_mode():
        single = one_by_one({name: one for name, (one, _) in entries.items()}, texts, arguments.rounds)
        bulk = in_bulk({name: many for name, (_, many) in entries.items()}, texts, arguments.bulk_rounds)
    scored = {"classical": accuracy(gold, classical.parse_many)}
    fresh_processes: dict[str, dict[str, float]] = {}
    for folder in arguments.models:
        scored |= {
            f"{folder.name}: {engine}": accuracy(gold, NLU.load(folder, engine).parse_many) for engine in ENGINES
        }
        fresh_processes |= processes(folder, texts, 3)
    extra = {name: version(name) for name in ("onnxruntime", "scikit-learn", "sklearn-crfsuite")}
    record = {
        "machine": machine() | extra,
        "date": time.strftime("%Y-%m-%d"),
        "utterances": len(texts),
        "rounds": arguments.rounds,
        "one_ms": single,
        "bulk_per_s": bulk,
        "accuracy": scored,
        "processes": fresh_processes,
    }
    path = Path(__file__).parent / "results" / "speed.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
