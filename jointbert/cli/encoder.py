"""``jointbert encoder``: encoders, tried."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="Try an encoder.",
    epilog='Example: jointbert encoder try encoders/mine "the [MASK] leaves at noon"',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def encoder() -> None:
    """Try an encoder."""


@app.command("try", epilog='Example: jointbert encoder try encoders/mine "the [MASK] leaves at noon" "it is late"')
def try_(
    path: Annotated[str, typer.Argument(help="An encoder's folder, a known name, or a hub id.")],
    text: Annotated[str, typer.Argument(help="A text; each [MASK] in it is a gap.")],
    second: Annotated[str | None, typer.Argument(help="A text that may follow it.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many fills of each gap to show.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a pretrained encoder puts into each gap, and whether it takes the second text for a sequel.

    The encoder needs the heads it was pretrained with; jointbert pretrain saves them.
    """
    from dataclasses import asdict

    from jointbert.cli.data_show import as_json, console, table
    from jointbert.cli.logs import plain_logs
    from jointbert.inference.try_encoder import try_encoder

    with plain_logs():
        trial = try_encoder(path, text, second, top)
    if json:
        typer.echo(as_json(asdict(trial)))
        return
    out = console()
    for number, fills in enumerate(trial.gaps, start=1):
        rows = [[fill.piece, f"{fill.score:.4f}"] for fill in fills]
        out.print(table(f"[MASK] {number}", ["piece", "score"], rows))
    if trial.follows is not None:
        out.print(f"the second text follows the first with probability {trial.follows:.4f}")
