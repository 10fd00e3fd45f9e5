"""Memory of `jointbert parse` over a long stream: peak resident size early, and at the end.

jointbert train configs/demo-zh-scratch.yaml --output models/tiny --set encoder.size=tiny \\
    --set encoder.family=bert --set training.epochs=2
jointbert export models/tiny --int8 --force
python benchmarks/stream_memory.py models/tiny --engine onnx-int8 --lines 1000000

The model is small so that a million lines take minutes; what is measured is whether memory grows with the lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from machine import machine

TEXTS = ("帮我订明天从北京到上海的机票", "来一首周杰伦的稻香", "book a table for two in Rome", "把客厅的灯关了 😀", "")


def resident(pid: int) -> float:
    """Resident memory of a process, in MiB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def feed(process: subprocess.Popen[bytes], lines: int) -> None:
    """Write that many utterances, no two alike, and close the pipe."""
    assert process.stdin is not None
    for number in range(lines):
        process.stdin.write(f"{TEXTS[number % len(TEXTS)]} {number}\n".encode())
    process.stdin.close()


def main() -> None:
    """Run the command, sample its memory after each tenth of the lines, and keep the samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--engine", default="auto")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "jointbert.cli.main", "parse", arguments.model, "--engine", arguments.engine]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    threading.Thread(target=feed, args=(process, arguments.lines), daemon=True).start()
    assert process.stdout is not None
    start, samples, step = time.perf_counter(), {}, max(1, arguments.lines // 10)
    for number, _ in enumerate(process.stdout, start=1):
        if number % step == 0:
            samples[number] = round(resident(process.pid), 1)
            print(f"{number} lines, {samples[number]} MiB, {time.perf_counter() - start:.0f} s", flush=True)
    about = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "model": arguments.model}
    about["engine"] = arguments.engine
    record = {**about, "lines": arguments.lines, "seconds": round(time.perf_counter() - start), "mib": samples}
    path = Path(__file__).parent / "results" / "stream_memory.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
