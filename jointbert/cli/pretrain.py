"""``jointbert pretrain``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def pretrain(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/pretrain/mini-en.yaml.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The encoder's folder to write.")],
    start: Annotated[
        str | None, typer.Option("--from", help="A BERT checkpoint to go on from: a folder, a known name or a hub id.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.steps=500. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Make an encoder from plain text: masked pieces and next sentences (MLM + NSP).

    \b
    Example:
      jointbert pretrain configs/pretrain/mini-en.yaml --output encoders/mini-en
    """
    from jointbert.config import load_pretrain_config

    checked = load_pretrain_config(config, assignments or [])
    from jointbert.cli.logs import plain_logs

    with plain_logs():
        from jointbert.pretraining.run import pretrain as run

        result = run(checked, output, start=start, resume=resume)
    if os.environ.get("RANK", "0") != "0":  # torchrun's first process speaks for all
        return
    nsp = "" if result.nsp_accuracy is None else f", NSP {100 * result.nsp_accuracy:.1f} %"
    typer.echo(
        f"{result.folder}: held-out perplexity {result.perplexity:.2f}, MLM {100 * result.mlm_accuracy:.1f} %{nsp} "
        f"after {checked.training.steps} steps, {result.seconds:.0f} s"
    )
