"""``jointbert report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.engine import EngineOption
from jointbert.cli.judging import FormatOption, MarkerOption, OutsideOption


def report(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    data: Annotated[Path, typer.Option("--data", help="Labelled utterances that the model was not trained on.")],
    source_format: FormatOption = None,
    train: Annotated[
        Path | None, typer.Option("--train", help="What it was trained on, if not what its training.yaml names.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", help="The folder to write to.")] = Path("report"),
    intent: MarkerOption = None,
    more: OutsideOption = None,
    engine: EngineOption = "auto",
) -> None:
    """Write a report on a model: scores with intervals, what goes wrong and why, and what to do next.

    One HTML page that needs nothing else, the same as Markdown, and pictures. Utterances out of scope are left out of
    the scores; how well the model tells them apart is a section of its own.

    \b
    Examples:
      jointbert report models/atis --data datasets/atis/test
      jointbert report models/clinc150 --data clinc150/test.jsonl --out-of-scope-data clinc150/oos_test.jsonl
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.report.run import report as write
    from jointbert.visible import visible

    with plain_logs():
        files = write(
            model,
            data,
            output,
            train=train,
            engine=engine,
            source_format=source_format,
            out_of_scope=intent,
            out_of_scope_data=more,
        )
    for file in files:
        typer.echo(visible(str(file)))
