"""The section of RESULTS.md on how quick the app is, made of benchmarks/results/app_speed.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mark import mark

PATH = Path(__file__).parent / "results" / "app_speed.json"
PAINT, NEXT = 2_000, 300
"""What the project set out for: milliseconds to the first paint of a page, and to the next utterance."""


def section() -> str:
    """Pages, the next utterance, memory and the store, on a project of 50,000 utterances."""
    if not PATH.exists():
        return "Not run."
    record: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    following, memory = record["next_utterance_ms"], record["server_mib"]
    load = " to ".join(str(value) for value in record["load"])
    return f"""`python benchmarks/app_speed.py`: a made-up project of {record["utterances"]:,} utterances, each with a \
suggestion, {record["answers"]:,} answers of {record["annotators"]} annotators, {record["conflicts"]:,} of their \
utterances in conflict, {record["intents"]} intents and {record["slots"]} slots, in a SQLite file of \
{record["database_mib"]} MiB. {record["machine"]["hardware"]}; load average {load}{_note(record["note"])}.

From the accept key to the next utterance on the page, {following["times"]} times: median **{following["p50"]} ms**, \
95th percentile **{following["p95"]} ms** (aimed at: {NEXT} ms {mark(following["p50"] <= NEXT)} for the median, \
{mark(following["p95"] <= NEXT)} for the 95th percentile); the server computes {following["server_cpu"]} ms of it.
The server's memory: {memory["idle"]} MiB before the first page, {memory["after"]} MiB after all of this.

Milliseconds until a page is there, and until its tables, charts and editors are drawn, too: median and worst of \
{record["rounds"]} loads with the browser's cache warm (a section: of {record["rounds"]} clicks on its name). The \
first column is the first visit to a server that has just started, whose first page loads the libraries. Aimed at, once
it runs: first paint within {PAINT:,} ms.

| page | first visit | first paint | worst | | all drawn | worst | server's CPU |
|---|---|---|---|---|---|---|---|
{_pages(record["pages_ms"])}

Calls of the store in this project, medians in milliseconds:

| call | wall | CPU |
|---|---|---|
{_calls(record["store_ms"])}"""


def _note(note: str) -> str:
    return f" ({note})" if note else ""


def _pages(pages: dict[str, dict[str, int]]) -> str:
    return "\n".join(
        f"| {name} | {took['first']:,} | {took['paint']:,} | {took['paint_max']:,} "
        f"| {mark(took['paint_max'] <= PAINT)} | {took['whole']:,} | {took['whole_max']:,} "
        f"| {took['server_cpu']:,} |"
        for name, took in pages.items()
    )


def _calls(calls: dict[str, dict[str, float]]) -> str:
    return "\n".join(f"| {name} | {took['wall']:.1f} | {took['cpu']:.1f} |" for name, took in calls.items())
