"""The options of the commands that judge a model on labelled utterances: their format, and what is out of scope."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FormatOption = Annotated[str | None, typer.Option("--from", help="The data's format, if not detected.")]
MarkerOption = Annotated[
    str | None,
    typer.Option("--out-of-scope", help="The intent that marks utterances out of scope, if not the model's own."),
]
OutsideOption = Annotated[Path | None, typer.Option("--out-of-scope-data", help="More utterances, all out of scope.")]
