"""``jointbert tune``."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.place import place_of
from jointbert.visible import visible


def tune(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/demo-en.yaml.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder to write; tuned/NAME for NAME.yaml when not given."),
    ] = None,
    trials: Annotated[int, typer.Option("--trials", min=1, help="In all, those of before a stop included.")] = 30,
    minutes: Annotated[
        float | None, typer.Option("--timeout-minutes", help="No trial begins after that long.", show_default=False)
    ] = None,
    space: Annotated[
        Path | None,
        typer.Option("--space", help="A YAML file: what each key may be (docs/tuning.md).", show_default=False),
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.epochs=5. May be repeated.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a search that was stopped, or add trials to one.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of what is drawn.")] = 13,
) -> None:
    """Search for better settings of a config; test data is never read.

    Dev sentence accuracy decides, and the config itself is the first trial. Writes FOLDER/best.yaml, trials.csv,
    tuning.png and study.db; no model is kept.

    \b
    Example:
      jointbert tune configs/demo-en.yaml --trials 30
    """
    from jointbert.training.run_config import load_run_config

    checked = load_run_config(config, assignments or [])
    from jointbert.config.space import read_space

    wanted = None if space is None else read_space(space, checked)
    place = place_of(output, "tuned", config)
    given = {"--output": place, "--trials": trials, "--timeout-minutes": minutes, "--space": space, "--seed": seed}
    command = _command(config, given, assignments or [])
    from jointbert.cli.logs import plain_logs

    with plain_logs(), _way_on(command):
        from jointbert.tuning.search import tune as search
        from jointbert.tuning.view import render_tuned

        found = search(checked, place, trials, minutes, wanted, seed, resume=resume, command=command)
    render_tuned(found)


@contextlib.contextmanager
def _way_on(command: str) -> Iterator[None]:
    """Say on Ctrl-C how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"go on with: {visible(command)} --resume", err=True)
        raise


def _command(config: Path, options: dict[str, object], assignments: list[str]) -> str:
    """The command line that says the same, without --resume."""
    words = [str(word) for name, value in options.items() if value is not None for word in (name, value)]
    words += [word for assignment in assignments for word in ("--set", assignment)]
    return shlex.join(["jointbert", "tune", str(config), *words])
