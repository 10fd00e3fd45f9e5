"""``jointbert parse``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from jointbert.cli.engine import EngineOption


def parse(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    texts: Annotated[list[str] | None, typer.Argument(help="Utterances; none reads them from --file or stdin.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A text file with an utterance a line.")] = None,
    ranking: Annotated[int, typer.Option("--ranking", min=0, help="How many intents to list.")] = 5,
    engine: EngineOption = "auto",
) -> None:
    """Parse utterances and print one JSON object a line.

    \b
    Examples:
      jointbert parse models/demo-en "book a table for two in Rome"
      jointbert parse models/demo-en --file utterances.txt > parses.jsonl
    """
    from jointbert.cli.bar import counting
    from jointbert.cli.logs import plain_logs
    from jointbert.inference.nlu import NLU

    if texts and file:
        raise typer.BadParameter("give utterances or --file, not both")
    with plain_logs():
        nlu = NLU.load(model, engine)
        source = iter(texts) if texts else counting(_lines(file), file)
        for found in nlu.stream(source):
            shape = found.to_dict()
            shape["intent_ranking"] = shape["intent_ranking"][:ranking]
            sys.stdout.buffer.write(_line(shape))
    sys.stdout.buffer.flush()


def _line(shape: dict[str, object]) -> bytes:
    """A JSON line in UTF-8; a lone surrogate, which UTF-8 has no bytes for, becomes its JSON escape."""
    return json.dumps(shape, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _lines(file: Path | None) -> Iterator[str]:
    from jointbert.errors import DataError

    if file is None:
        yield from _decoded(sys.stdin.buffer, "stdin")
        return
    try:
        with file.open("rb") as handle:
            yield from _decoded(handle, str(file))
    except OSError as error:
        raise DataError(str(file), f"cannot be read ({error.strerror})", "a text file", "Check the path.") from error


def _decoded(handle: BinaryIO, where: str) -> Iterator[str]:
    from jointbert.errors import DataError

    for number, line in enumerate(handle, start=1):
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield bare.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            hint = "Convert the file to UTF-8."
            raise DataError(f"{where}:{number}", f"is not UTF-8 ({error.reason})", "UTF-8 text", hint) from error
