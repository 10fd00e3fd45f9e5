"""How long ``jointbert data check`` takes on 100,000 utterances.

    python benchmarks/check_speed.py [--utterances 100000]

Prints the hardware, the versions and the seconds of each family of rules, from one run: it is the order of
magnitude that matters. The utterances are made up from a seed: about nine words, two spans, forty intents.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jointbert import __version__
from jointbert.data.check import Options
from jointbert.data.check.run import RULES
from jointbert.data.registry import read, write
from jointbert.utterance import Span, Utterance

SECONDS: list[tuple[float, float]] = []
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def make(count: int, seed: int = 13) -> list[Utterance]:
    """So many utterances of a made-up language with 20,000 words and 5,000 values."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(20_000)]
    values = [" ".join(chance.choices(vocabulary, k=chance.randint(1, 3))) for _ in range(5_000)]
    return [_utterance(chance, vocabulary, values) for _ in range(count)]


def _utterance(chance: random.Random, vocabulary: list[str], values: list[str]) -> Utterance:
    text, spans = "", []
    for part in range(3):
        text += " ".join(chance.choices(vocabulary, k=2)) + " "
        if part < 2:
            value, start = chance.choice(values), len(text)
            text += value + " "
            spans.append((start, start + len(value)))
    text = text.rstrip()
    marked = tuple(Span.of(text, f"slot_{chance.randrange(30)}", start, end) for start, end in spans)
    return Utterance(text, f"intent_{chance.randrange(40)}", marked)


def machine() -> str:
    """The processor, the number of cores, and the versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, jointbert {__version__}"


@contextmanager
def clock(name: str) -> Iterator[None]:
    """Print and keep the seconds that the block takes: on the wall, and of the processor."""
    wall, busy = time.perf_counter(), time.process_time()
    yield
    SECONDS.append((time.perf_counter() - wall, time.process_time() - busy))
    print(f"{SECONDS[-1][0]:8.2f} s {SECONDS[-1][1]:8.2f} s  {name}")


def main() -> None:
    """Time the reader and each family of rules."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--utterances", type=int, default=100_000)
    count = parser.parse_args().utterances
    print(machine())
    print(f"{'wall':>10} {'processor':>10}")
    made = make(count)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.jsonl" for name in ("train", "test")}
        write(paths["train"], made[: count * 9 // 10])
        write(paths["test"], made[count * 9 // 10 :])
        with clock("read"):
            splits = {name: read(path, report=lambda problem: None) for name, path in paths.items()}
    for rule in RULES:
        with clock(rule.__name__):
            for _ in rule(splits, Options()):
                pass
    wall, busy = (sum(column) for column in zip(*SECONDS, strict=True))
    print(f"{wall:8.2f} s {busy:8.2f} s  in all, {count} utterances")


if __name__ == "__main__":
    main()
