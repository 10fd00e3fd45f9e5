"""``jointbert compare``: the one command that leaves with 1 on purpose, so that it can be a gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointbert.cli.engine import EngineOption
from jointbert.cli.writing import write_json

if TYPE_CHECKING:
    from jointbert.evaluation.comparison import Comparison
    from jointbert.evaluation.golden import Golden

FAILED = 1


def compare(
    a: Annotated[Path, typer.Argument(help="The model folder that is in use.")],
    b: Annotated[Path, typer.Argument(help="The model folder that is to replace it.")],
    data: Annotated[Path, typer.Option("--data", help="Labelled utterances: a file or a folder of any known format.")],
    source_format: Annotated[str | None, typer.Option("--from", help="The data's format, if not detected.")] = None,
    golden: Annotated[Path | None, typer.Option("--golden", help="Utterances of which B may get none wrong.")] = None,
    golden_format: Annotated[
        str | None, typer.Option("--golden-from", help="The golden file's format, if not detected.")
    ] = None,
    alpha: Annotated[float, typer.Option("--alpha", min=0, max=1, help="The risk of a false alarm.")] = 0.05,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write everything to this JSON file.")] = None,
    show: Annotated[int, typer.Option("--show", min=0, help="List so many differences, the broken ones first.")] = 20,
    engine: EngineOption = "auto",
) -> None:
    """Compare model B with model A, utterance by utterance: a gate before B replaces A.

    Leaves with 1 if B is worse by more than chance in intents, slots or whole utterances, or if B gets any golden
    utterance wrong, whether or not A got it right; with 0 otherwise. A golden utterance that is marked as out of scope
    has to be refused, any other has to be kept.

    \b
    Example:
      jointbert compare models/old models/new --data datasets/demo-en/test.jsonl --golden golden.jsonl
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data import read
    from jointbert.inference.nlu import NLU
    from jointbert.inference.rivals import compare_models, try_golden

    if golden_format is not None and golden is None:
        raise typer.BadParameter("--golden-from is the format of --golden, which is missing")
    with plain_logs():
        gold, must = read(data, source_format), None if golden is None else read(golden, golden_format)
        models = NLU.load(a, engine), NLU.load(b, engine)
        comparison = compare_models(models, gold, alpha=alpha, where=str(data))
        tried = None if must is None else try_golden(models, must)
    reasons = _reasons(comparison, tried)
    if json_path is not None:
        extra: dict[str, Any] = {"passed": not reasons, "reasons": reasons, "models": {}}
        for name, folder, model in zip("ab", (a, b), models, strict=True):
            extra["models"][name] = {"folder": str(folder), "engine": model.engine, "version": model.version}
        extra["golden"] = None if tried is None else tried.to_dict()
        write_json(json_path, comparison.to_dict() | extra)
    _print(comparison, tried, show)
    for reason in reasons:
        typer.echo(f"gate failed: {reason}", err=True)
    if reasons:
        raise typer.Exit(FAILED)


def _reasons(comparison: Comparison, golden: Golden | None) -> list[str]:
    """Why B may not replace A; empty where it may."""
    from jointbert.evaluation.comparison_view import verdict_line

    reasons = [verdict_line(comparison)] if comparison.verdict == "worse" else []
    if golden is not None and golden.failures:
        failures = f"{len(golden.failures)} of {golden.utterances}"
        reasons.append(f"B gets {failures} golden utterances wrong ({golden.broken} that A gets right).")
    return reasons


def _print(comparison: Comparison, golden: Golden | None, show: int) -> None:
    from rich.console import Console

    from jointbert.evaluation.comparison_view import render_comparison, render_golden

    console = Console()
    if golden is not None:
        render_golden(golden, show, console)
        console.print()
    render_comparison(comparison, show, console)
