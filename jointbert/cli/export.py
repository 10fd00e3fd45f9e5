"""``jointbert export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from jointbert.export.record import Exported


def export(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    int8: Annotated[bool, typer.Option("--int8", help="Write the int8 graph too: smaller and faster.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Keep an int8 graph that loses more than 0.3 points of sentence accuracy.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="Prove it on these utterances, not on the dev set of training.yaml.")
    ] = None,
) -> None:
    """Write a model as ONNX beside its weights, and prove it on the dev set against PyTorch.

    \b
    Example:
      jointbert export models/atis --int8
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.export.run import export as run

    done: list[Exported] = []
    try:
        with plain_logs():
            run(model, int8=int8, force=force, data=data, tell=_tell, show=done.append)
    finally:
        if done:
            _render(model, done)


def _tell(line: str) -> None:
    from jointbert.visible import visible

    typer.echo(f"{visible(line)} ...", err=True)


def _render(model: Path, done: list[Exported]) -> None:
    """A row for PyTorch and one for each graph: size, what is the same, and the scores with their changes."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("engine", no_wrap=True)
    for column in ("MB", "off by", "same %", "intent", "slot F1", "sentence"):
        table.add_column(column, justify="right")
    for row in _rows(model, done):
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _rows(model: Path, done: list[Exported]) -> list[list[str]]:
    from jointbert.evaluation.render import percent
    from jointbert.export.proof import rates

    size = (model / "model.safetensors").stat().st_size
    rows = [["torch", f"{size / 1e6:.1f}", "", "", *map(percent, rates(done[0].proof.reference).values())]]
    for item in done:
        changes = item.proof.changes.values()
        scores = [
            percent(rate) if change is None else f"{percent(rate)} {change:+.2f}"
            for rate, change in zip(rates(item.proof.scores).values(), changes, strict=True)
        ]
        name = item.proof.engine if item.kept else f"{item.proof.engine} (refused)"
        difference, same = f"{item.proof.largest_difference:.2g}", percent(item.proof.identical)
        rows.append([name, f"{item.size / 1e6:.1f}", difference, same, *scores])
    return rows
