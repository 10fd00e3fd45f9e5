"""The section of RESULTS.md on how fast a trained model parses, made of benchmarks/results/speed.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mark import mark

PATH = Path(__file__).parent / "results" / "speed.json"
FLOOR, ONE, MANY, COLD = 1.35, 5.0, 8.0, 1.5
"""What the project set out for, with MiniLM-L6 in int8: at most so many times the bare graph, at least so many times as
fast as the usual way for one and for many utterances; seconds to the first parse."""

Record = dict[str, Any]


def section() -> str:
    """One utterance, many, accuracy, cold start and memory, for each model and way."""
    if not PATH.exists():
        return "Not run."
    record: Record = json.loads(PATH.read_text(encoding="utf-8"))
    models = list(dict.fromkeys(name.split(": ")[0] for name in record["one_ms"] if ": " in name))
    about = ", ".join(f"{key} {text}" for key, text in record["machine"].items())
    return f"""`python benchmarks/speed.py {" ".join(f"models/{name}" for name in models)}` ({about}).
All in one run on the {record["utterances"]} utterances of ATIS's test split, in turns. `atis` is MiniLM-L6
(`configs/atis.yaml`), `atis-mini` the package's own mini-en, 4 layers x 256
(`configs/atis-mini.yaml`). The usual way: eager PyTorch,
fp32, padded to 50 pieces, batches of 32 for many. Classical: TF-IDF, a linear SVM and CRFsuite
(`benchmarks/classical.py`). Times of one utterance are milliseconds from text to parse.

| | p50 | p95 | p99 | × usual | many, per second | × usual | intent / slot F1 / sentence |
|---|---|---|---|---|---|---|---|
{_rows(record)}

{_verdicts(record, models[0])}

| new process | seconds to the first parse | peak memory, MiB |
|---|---|---|
{_processes(record)}"""


def short() -> str:
    """The README's table: the usual way, ours and the classical one, on ATIS."""
    if not PATH.exists():
        return "Not run."
    record: Record = json.loads(PATH.read_text(encoding="utf-8"))
    names = {
        "atis: the usual way": "MiniLM-L6, eager PyTorch padded to 50",
        "atis: onnx-int8": "MiniLM-L6, `onnx-int8`",
        "atis-mini: onnx-int8": "mini-en, `onnx-int8`",
        "classical": "TF-IDF + linear SVM + CRFsuite",
    }
    rows = [
        f"| {said} | {record['one_ms'][name]['p50']:.1f} | {record['bulk_per_s'][name]:,.0f} "
        f"| {record['accuracy'][name]['sentence'] if name in record['accuracy'] else '':} |"
        for name, said in names.items()
        if name in record["one_ms"]
    ]
    head = ["| | one utterance, ms | many, per second | sentence accuracy |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", f"{record['machine']['hardware']}; one run, in turns, medians."])


def _rows(record: Record) -> str:
    return "\n".join(_row(record, name) for name in record["one_ms"])


def _row(record: Record, name: str) -> str:
    one, many = record["one_ms"][name], record["bulk_per_s"].get(name)
    usual = f"{name.split(': ')[0]}: the usual way"
    faster = more = ""
    if usual in record["one_ms"]:
        faster = f"{record['one_ms'][usual]['p50'] / one['p50']:.1f}"
        more = f"{many / record['bulk_per_s'][usual]:.1f}" if many else ""
    scores = record["accuracy"].get(name, {})
    said = " / ".join(f"{value:.2f}" for value in scores.values())
    return (
        f"| {name} | {one['p50']:.2f} | {one['p95']:.2f} | {one['p99']:.2f} | {faster} "
        f"| {f'{many:,.0f}' if many else ''} | {more} | {said} |"
    )


def _verdicts(record: Record, model: str) -> str:
    """What the project set out for, and what came out."""
    one, many = record["one_ms"], record["bulk_per_s"]
    int8, usual = f"{model}: onnx-int8", f"{model}: the usual way"
    over = one[int8]["p50"] / one[f"{model}: bare session.run, int8"]["p50"]
    faster, more = one[usual]["p50"] / one[int8]["p50"], many[int8] / many[usual]
    cold = record["processes"][int8]["cold_start_s"]
    lines = [
        f"`parse()` in int8 over the bare `session.run`: {over:.2f}×, aimed at {FLOOR}× at most {mark(over <= FLOOR)}",
        f"`parse()` in int8 against the usual way: {faster:.1f}×, aimed at {ONE:.0f}× {mark(faster >= ONE)}",
        f"`parse_many` in int8 against the usual way: {more:.1f}×, aimed at {MANY:.0f}× {mark(more >= MANY)}"
        + _bulk_floor(many, f"{model}: bare session.run, int8"),
        f"from process start to first parse in int8: {cold:.2f} s, aimed at {COLD} s at most {mark(cold <= COLD)}",
    ]
    mini = "atis-mini: onnx-int8"
    if mini in many:
        quick, bulk = one[mini]["p50"] <= one["classical"]["p50"], many[mini] >= many["classical"]
        lines.append(
            f"`atis-mini` in int8 against the classical baseline: {one[mini]['p50']:.2f} ms for one against "
            f"{one['classical']['p50']:.2f} {mark(quick)}, {many[mini]:,.0f} a second in bulk against "
            f"{many['classical']:,.0f} {mark(bulk)}" + _bulk_floor(many, "atis-mini: bare session.run, int8")
        )
    return "\n".join(f"- {line}" for line in lines)


def _bulk_floor(many: dict[str, float], bare: str) -> str:
    """What the bare graph itself reaches on ready batches, a batch a core: this processor gives no more."""
    return f"; the bare `session.run` on ready batches: {many[bare]:,.0f} a second" if bare in many else ""


def _processes(record: Record) -> str:
    return "\n".join(
        f"| {name} | {taken['cold_start_s']:.2f} | {taken['peak_mib']:.0f} |"
        for name, taken in record["processes"].items()
    )
