"""The server under load: what it serves, how fast, and what becomes of the rest, with and without batching.

    jointbert train configs/demo-en.yaml --output models/demo-en
    python benchmarks/load.py models/demo-en --texts datasets/demo-en/test.jsonl

Loopback, one server process, one process of clients (benchmarks/load_client.py). First the capacity is found with many
clients that each wait for their answer; then requests come at random moments, whatever became of those before, at 50,
100 and 300 % of it. Last comes the same 300 % for a server that does not batch. Every answer is held against the
offline parse.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from machine import machine
from stream_memory import resident

from jointbert import NLU
from jointbert.data import read

HERE = Path(__file__).parent
SHARES = (0.5, 1.0, 3.0)
WARM_SECONDS, CAPACITY_SECONDS, CLIENTS = 3, 10, 64
SAMPLE_SECONDS, DEADLINE_MS = 0.25, 2000
Record = dict[str, Any]


class Server:
    """A server under test: its process and its address."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def batches(self) -> tuple[float, float]:
        """How many batches there were so far, and how many texts in them."""
        with urllib.request.urlopen(self.url + "/metrics") as answer:
            page = answer.read().decode()
        found = [
            re.search(rf"^jointbert_batch_texts_{it}\{{.*\}} (\S+)$", page, re.MULTILINE) for it in ("count", "sum")
        ]
        count, texts = (float(it[1]) if it else 0.0 for it in found)
        return count, texts


@contextmanager
def serving(model: str, engine: str, threads: int, *options: str) -> Iterator[Server]:
    """A server that is up, and drained afterwards."""
    command = [sys.executable, "-m", "jointbert.cli.main", "serve", model, "--engine", engine, "--port", "0"]
    command += ["--threads", str(threads), "--no-access-log", "--deadline-ms", str(DEADLINE_MS), *options]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            found = re.search(r" on (http://\S+) ", line)
            if found:
                break
        else:
            raise SystemExit(f"the server did not come up (exit code {process.wait()})")
        Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield Server(process, found[1])
        finally:
            process.terminate()
            if process.wait(60) != 0:
                raise SystemExit(f"the server did not drain: exit code {process.returncode}")


@contextmanager
def watching(pid: int, samples: list[float]) -> Iterator[None]:
    """Its resident memory in MiB, sampled as long as the block runs."""
    done = Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            samples.append(round(resident(pid), 1))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def load(server: Server, expected: Path, seconds: float, *options: object) -> Record:
    """What one run of the clients reports, with the batches and the memory of the server meanwhile."""
    batches, texts = server.batches()
    memory: list[float] = []
    command = [sys.executable, str(HERE / "load_client.py"), server.url, str(expected), "--seconds", str(seconds)]
    with watching(server.process.pid, memory):
        done = subprocess.run([*command, *map(str, options)], capture_output=True, text=True, check=True)
    record: Record = json.loads(done.stdout)
    more, many = (after - before for after, before in zip(server.batches(), (batches, texts), strict=True))
    record["mean_batch"] = round(many / more, 1) if more else None
    record["mib"] = {"first": memory[0], "last": memory[-1], "most": max(memory)}
    return record


def write_expected(path: Path, model: str, engine: str, texts: Sequence[str]) -> None:
    """What the same model says offline."""
    nlu = NLU.load(model, engine, 1)
    parses = [nlu.parse(text).to_dict() for text in texts]
    shapes = [{"text": parse["text"], "parse": {key: parse[key] for key in ("intent", "slots")}} for parse in parses]
    path.write_text(json.dumps(shapes), encoding="utf-8")


def measure(arguments: argparse.Namespace, expected: Path) -> Record:
    """All runs, batched and not."""
    common = (arguments.model, arguments.engine, arguments.threads)
    seconds = arguments.seconds
    runs: list[Record] = []
    with serving(*common) as server:
        load(server, expected, WARM_SECONDS, "--clients", CLIENTS)
        capacity = load(server, expected, CAPACITY_SECONDS, "--clients", CLIENTS)["per_second"]
        print(f"capacity: {capacity} a second", flush=True)
        for share in SHARES:
            runs.append(
                {"share": share, "batching": True, **load(server, expected, seconds, "--rate", share * capacity)}
            )
            print(runs[-1], flush=True)
    with serving(*common, "--max-batch", "1") as server:
        load(server, expected, WARM_SECONDS, "--clients", CLIENTS)
        rate = SHARES[-1] * capacity
        runs.append({"share": SHARES[-1], "batching": False, **load(server, expected, seconds, "--rate", rate)})
        print(runs[-1], flush=True)
    return {"capacity_per_second": capacity, "runs": runs}


def main() -> None:
    """Measure, keep, and fail where an answer was lost, swapped or wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--texts", type=Path, required=True, help="A data file; its texts are asked.")
    parser.add_argument("--engine", default="torch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keep", type=Path, default=HERE / "results" / "load.json")
    arguments = parser.parse_args()
    texts = list(dict.fromkeys(utterance.text for utterance in read(arguments.texts)))
    with tempfile.TemporaryDirectory() as place:
        expected = Path(place) / "expected.json"
        write_expected(expected, arguments.model, arguments.engine, texts)
        found = measure(arguments, expected)
    about = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "model": arguments.model}
    about |= {
        "deadline_ms": DEADLINE_MS,
        "texts": str(arguments.texts),
        "engine": arguments.engine,
        "threads": arguments.threads,
    }
    arguments.keep.write_text(
        json.dumps(about | {"seconds": arguments.seconds} | found, indent=1) + "\n", encoding="utf-8"
    )
    bad = [
        run for run in found["runs"] if run["lost"] or run["swapped"] or not {*run["statuses"]} <= {"200", "429", "504"}
    ]
    if bad:
        raise SystemExit(f"answers were lost or swapped, or the server failed: {bad}")


if __name__ == "__main__":
    main()
