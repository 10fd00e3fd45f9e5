"""Where a command writes that was not told where."""

from __future__ import annotations

from pathlib import Path

import typer

from jointbert.visible import visible


def place_of(given: Path | None, parent: str, config: Path) -> Path:
    """The folder that was given; else one named after the config, of which a line on standard error tells.

    Args:
        given: What the user named, or None.
        parent: The folder of all that the command writes, for example ``cv``.
        config: The config's file: ``cv/demo-en`` is of ``configs/demo-en.yaml``.
    """
    if given is not None:
        return given
    place = Path(parent) / config.stem
    typer.echo(f"writing to {visible(str(place))} (another place: --output FOLDER)", err=True)
    return place
