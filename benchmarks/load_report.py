"""The section of RESULTS.md on the server under load, made of benchmarks/results/load.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mark import mark

PATH = Path(__file__).parent / "results" / "load.json"
FASTER, GROWTH = 3.0, 1.1
"""What the project set out for: at least so many times the throughput by batching; at most so much more memory."""

Record = dict[str, Any]


def section() -> str:
    """What was served at each load, how fast, and what became of the rest."""
    if not PATH.exists():
        return "Not run."
    record: Record = json.loads(PATH.read_text(encoding="utf-8"))
    about = ", ".join(f"{key} {text}" for key, text in record["machine"].items())
    command = f"python benchmarks/load.py {record['model']} --texts {record['texts']} --engine {record['engine']}"
    return f"""`{command} --threads {record["threads"]}` ({about}).
Server and clients share the machine, over loopback. Requests of one utterance come at random moments (open loop), each
run for {record["seconds"]:.0f} s; a latency counts from the moment at which the request was due. 429 is the answer of a
queue that is too full, 504 that of a deadline ({record["deadline_ms"]:.0f} ms) that passed. The capacity was found with
clients that wait for their answers: {record["capacity_per_second"]:,.0f} a second.

| load | batching | sent | served | 429 | 504 | served a second | p50 ms | p99 ms | mean batch | MiB, first / most |
|---|---|---|---|---|---|---|---|---|---|---|
{_rows(record)}

{_verdicts(record)}"""


def _rows(record: Record) -> str:
    return "\n".join(_row(run) for run in record["runs"])


def _row(run: Record) -> str:
    counts = " | ".join(f"{run['statuses'].get(status, 0):,}" for status in ("200", "429", "504"))
    return (
        f"| {run['share']:.0%} | {'yes' if run['batching'] else 'no'} | {run['sent']:,} | {counts} "
        f"| {run['per_second']:,.0f} | {run['p50_ms']:,.0f} | {run['p99_ms']:,.0f} | {run['mean_batch']} "
        f"| {run['mib']['first']:.0f} / {run['mib']['most']:.0f} |"
    )


def _verdicts(record: Record) -> str:
    """What the project set out for, and what came out."""
    runs = record["runs"]
    flood, single = (next(run for run in runs if run["share"] > 1 and run["batching"] == it) for it in (True, False))
    sent, lost = sum(run["sent"] for run in runs), sum(run["lost"] for run in runs)
    wrong = sum(run["swapped"] + run["differing"] for run in runs)
    others = {status for run in runs for status in run["statuses"]} - {"200", "429", "504"}
    faster = flood["per_second"] / single["per_second"]
    grown = flood["mib"]["most"] / flood["mib"]["first"]
    in_time = flood["p99_ms"] <= record["deadline_ms"]
    lines = [
        f"of {sent:,} requests {lost} got no answer {mark(lost == 0)}",
        f"{wrong} answers were not the offline parse of their text {mark(wrong == 0)}",
        f"statuses besides 200, 429 and 504: {', '.join(sorted(others)) or 'none'} {mark(not others)}",
        f"p99 of what is served at {flood['share']:.0%}: {flood['p99_ms']:,.0f} ms, aimed at the deadline of "
        f"{record['deadline_ms']:,.0f} ms at most {mark(in_time)}",
        f"served at {flood['share']:.0%} with batching over without: {faster:.1f}×, aimed at {FASTER:.0f}× "
        f"{mark(faster >= FASTER)}",
        f"memory at {flood['share']:.0%}, most over first: {grown:.2f}×, aimed at {GROWTH}× at most "
        f"{mark(grown <= GROWTH)}",
    ]
    return "\n".join(f"- {line}" for line in lines)
