"""``jointbert compare``: the one command that leaves with 1 on purpose, so that it can be a gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointbert.cli.engine import EngineOption
from jointbert.cli.writing import write_json

if TYPE_CHECKING:
    from jointbert.evaluation.comparison import Comparison
    from jointbert.evaluation.difference import Difference
    from jointbert.inference.nlu import NLU
    from jointbert.utterance import Utterance

FAILED = 1


def compare(
    a: Annotated[Path, typer.Argument(help="The model folder that is in use.")],
    b: Annotated[Path, typer.Argument(help="The model folder that is to replace it.")],
    data: Annotated[Path, typer.Option("--data", help="Labelled utterances: a file or a folder of any known format.")],
    source_format: Annotated[str | None, typer.Option("--from", help="The data's format, if not detected.")] = None,
    golden: Annotated[Path | None, typer.Option("--golden", help="Utterances of which B may get none wrong.")] = None,
    alpha: Annotated[float, typer.Option("--alpha", min=0, max=1, help="The risk of a false alarm.")] = 0.05,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write everything to this JSON file.")] = None,
    show: Annotated[int, typer.Option("--show", min=0, help="List so many differences, the broken ones first.")] = 20,
    engine: EngineOption = "auto",
) -> None:
    """Compare model B with model A, utterance by utterance: a gate before B replaces A.

    Leaves with 1 if B is worse by more than chance in intents, slots or whole utterances, or if B gets any golden
    utterance wrong, whether or not A got it right; with 0 otherwise.

    \b
    Example:
      jointbert compare models/old models/new --data datasets/demo-en/test.jsonl --golden golden.jsonl
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data import read
    from jointbert.inference.nlu import NLU

    with plain_logs():
        gold, must = read(data, source_format), None if golden is None else read(golden)
        models = NLU.load(a, engine), NLU.load(b, engine)
        comparison, failures = _judge(gold, must, models, alpha)
    reasons = _reasons(comparison, failures, must)
    if json_path is not None:
        extra: dict[str, Any] = {"passed": not reasons, "reasons": reasons, "models": {}, "golden": None}
        for name, folder, model in zip("ab", (a, b), models, strict=True):
            extra["models"][name] = {"folder": str(folder), "engine": model.engine, "version": model.version}
        if must is not None:
            extra["golden"] = {"utterances": len(must), "failures": [failure.to_dict() for failure in failures]}
        write_json(json_path, comparison.to_dict() | extra)
    _print(comparison, failures, must, show)
    for reason in reasons:
        typer.echo(f"gate failed: {reason}", err=True)
    if reasons:
        raise typer.Exit(FAILED)


def _judge(
    gold: Sequence[Utterance], must: Sequence[Utterance] | None, models: tuple[NLU, NLU], alpha: float
) -> tuple[Comparison, Sequence[Difference]]:
    """The comparison, with notes on the models, and the golden utterances that B gets wrong."""
    from jointbert.evaluation.comparison import compare as compare_parses
    from jointbert.evaluation.difference import golden_failures, label_changes
    from jointbert.evaluation.scope import part

    gold, outside = part(gold, next((nlu.scope.unjudged for nlu in models if nlu.scope is not None), None))
    comparison = compare_parses(gold, *_parses(models, gold), alpha=alpha)
    notes = list(label_changes(models[0].labels, models[1].labels))
    if outside:
        notes.append(f"Utterances marked as out of scope, left out: {len(outside)}.")
    if models[0].engine != models[1].engine:
        notes.append(f"A was computed by {models[0].engine}, B by {models[1].engine}.")
    if models[0].version and models[0].version == models[1].version:
        notes.append("A and B are the same model.")
    comparison = replace(comparison, notes=(*comparison.notes, *notes))
    return comparison, () if must is None else golden_failures(must, *_parses(models, must))


def _parses(models: tuple[NLU, NLU], gold: Sequence[Utterance]) -> list[Any]:
    texts = [utterance.text for utterance in gold]
    return [model.parse_many(texts) for model in models]


def _reasons(comparison: Comparison, failures: Sequence[Difference], must: Sequence[Utterance] | None) -> list[str]:
    """Why B may not replace A; empty where it may."""
    from jointbert.evaluation.comparison_view import verdict_line

    reasons = [verdict_line(comparison)] if comparison.verdict == "worse" else []
    if failures:
        broken = sum(failure.kind == "broken" for failure in failures)
        reasons.append(
            f"B gets {len(failures)} of {len(must or ())} golden utterances wrong ({broken} that A gets right)."
        )
    return reasons


def _print(comparison: Comparison, failures: Sequence[Difference], must: Sequence[Utterance] | None, show: int) -> None:
    from rich.console import Console
    from rich.text import Text

    from jointbert.evaluation.comparison_view import render_comparison, render_differences

    console = Console()
    if must is not None:
        console.print(Text(f"Golden: B gets {len(must) - len(failures)} of {len(must)} right.", style="bold"))
        render_differences(failures, show, console)
        console.print()
    render_comparison(comparison, show, console)
