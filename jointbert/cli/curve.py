"""``jointbert curve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.place import place_of


def curve(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/demo-en.yaml.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder to write; curves/NAME for NAME.yaml when not given."),
    ] = None,
    shares: Annotated[str, typer.Option("--shares", help="In percent of the training data.")] = "10,25,50,100",
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.epochs=5. May be repeated.")
    ] = None,
) -> None:
    """Train on growing shares of the data to see what more would give.

    Says which intents and slots would probably gain most from more data. Writes FOLDER/curve.csv, curve.png and
    curve.json. Run it again to go on after a stop, or with other shares: those that are finished are kept.

    \b
    Example:
      jointbert curve configs/demo-en.yaml --shares 25,50,100
    """
    from jointbert.training.run_config import load_run_config

    checked, percents = load_run_config(config, assignments or []), _numbers(shares)
    place = place_of(output, "curves", config)
    from jointbert.cli.logs import plain_logs

    with plain_logs():
        from jointbert.training.learning_curve import learning_curve

        found = learning_curve(checked, place, percents)
    from jointbert.evaluation.learning_view import render_curve

    render_curve(found)


def _numbers(shares: str) -> list[float]:
    from jointbert.errors import DataError

    try:
        return [float(part) for part in shares.split(",")]
    except ValueError as error:
        hint = "For example --shares 10,25,50,100."
        raise DataError("shares", f"are {shares!r}", "numbers with commas between them", hint) from error
