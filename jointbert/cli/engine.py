"""The ``--engine`` option of the commands that parse."""

from __future__ import annotations

from typing import Annotated

import typer

from jointbert.checkpoint.engine_names import EngineName

_HELP = "What computes: torch, or what `jointbert export` wrote; auto takes the fastest that is there."

EngineOption = Annotated[EngineName, typer.Option("--engine", help=_HELP)]
