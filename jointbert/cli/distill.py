"""``jointbert distill``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def distill(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/pretrain/mini-en-distill.yaml.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The encoder's folder to write.")],
    start: Annotated[
        str, typer.Option("--from", help="The student: a BERT checkpoint's folder, a known name or a hub id.")
    ],
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.steps=500. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Teach a small encoder the states of a larger one, on plain text.

    \b
    Example:
      jointbert distill configs/pretrain/mini-en-distill.yaml --from encoders/mini-en-first --output encoders/mini-en
    """
    from jointbert.config import load_distill_config

    checked = load_distill_config(config, assignments or [])
    from jointbert.cli.logs import plain_logs

    with plain_logs():
        from jointbert.pretraining.distill import distill as run

        result = run(checked, output, start=start, resume=resume)
    if os.environ.get("RANK", "0") != "0":  # torchrun's first process speaks for all
        return
    losses = ", ".join(f"{name} {loss:.3f}" for name, loss in result.state_losses.items())
    nsp = "" if result.nsp_accuracy is None else f", NSP {100 * result.nsp_accuracy:.1f} %"
    typer.echo(
        f"{result.folder}: held-out difference to the teacher: {losses}; MLM {100 * result.mlm_accuracy:.1f} %{nsp} "
        f"after {checked.training.steps} steps, {result.seconds:.0f} s"
    )
