"""``jointbert train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ENOUGH_STEPS = 400
"""Of fewer steps a fine-tuned encoder has learned little (benchmarks/RESULTS.md, What pays in training)."""


def train(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/atis.yaml.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to write.")],
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.epochs=5. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Train a model; the epoch with the best dev sentence accuracy is kept.

    \b
    Example:
      jointbert train configs/atis.yaml --output models/atis --set training.epochs=5
    """
    from jointbert.training.run_config import load_run_config

    checked = load_run_config(config, assignments or [])
    from jointbert.cli.logs import plain_logs
    from jointbert.evaluation.render import headline

    with plain_logs():
        from jointbert.training.run import train as run

        result = run(checked, output, resume=resume)
    typer.echo(f"{result.folder}: dev {headline(result.dev)} after {result.epochs:.0f} epochs, {result.seconds:.0f} s")
    if result.steps < ENOUGH_STEPS and result.epochs == checked.training.epochs:
        more = -(-checked.training.epochs * ENOUGH_STEPS // result.steps)
        to_the_end = " --set training.patience=0" if checked.training.patience else ""
        typer.echo(
            f"hint: {result.steps} steps are few; where little is labelled, more epochs help much: "
            f"--set training.epochs={more}{to_the_end}",
            err=True,
        )
