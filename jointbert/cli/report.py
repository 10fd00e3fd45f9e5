"""``jointbert report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.engine import EngineOption


def report(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    data: Annotated[Path, typer.Option("--data", help="Labelled utterances that the model was not trained on.")],
    train: Annotated[
        Path | None, typer.Option("--train", help="What it was trained on, if not what its training.yaml names.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", help="The folder to write to.")] = Path("report"),
    engine: EngineOption = "auto",
) -> None:
    """Write a report on a model: scores with intervals, what goes wrong and why, and what to do next.

    One HTML page that needs nothing else, the same as Markdown, and pictures.

    \b
    Example:
      jointbert report models/atis --data datasets/atis/test
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.report.run import report as write
    from jointbert.visible import visible

    with plain_logs():
        files = write(model, data, output, train=train, engine=engine)
    for file in files:
        typer.echo(visible(str(file)))
