"""``jointbert parse``."""

from __future__ import annotations

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.engine import EngineOption


def parse(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    texts: Annotated[list[str] | None, typer.Argument(help="Utterances; none reads them from --file or stdin.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A text file with an utterance a line.")] = None,
    ranking: Annotated[int, typer.Option("--ranking", min=0, help="How many intents to list.")] = 5,
    engine: EngineOption = "auto",
) -> None:
    """Parse utterances and print one JSON object a line; from a pipe, as the lines arrive.

    \b
    Examples:
      jointbert parse models/demo-en "book a table for two in Rome"
      jointbert parse models/demo-en --file utterances.txt > parses.jsonl
    """
    from jointbert.checkpoint.predict import CHUNK
    from jointbert.cli.arriving import chunks
    from jointbert.cli.bar import counting
    from jointbert.cli.logs import plain_logs
    from jointbert.inference.nlu import NLU

    if texts and file:
        raise typer.BadParameter("give utterances or --file, not both")
    with plain_logs():
        nlu = NLU.load(model, engine)
        with _opened(file) as (lines, ready):
            source = iter(texts) if texts else counting(lines, file)
            for chunk in chunks(source, (lambda: True) if texts else ready, CHUNK):
                for found in nlu.parse_many(chunk):
                    shape = found.to_dict()
                    shape["intent_ranking"] = shape["intent_ranking"][:ranking]
                    sys.stdout.buffer.write(_line(shape))
                sys.stdout.buffer.flush()


def _line(shape: dict[str, object]) -> bytes:
    """A JSON line in UTF-8; a lone surrogate, which UTF-8 has no bytes for, becomes its JSON escape."""
    return json.dumps(shape, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def _opened(file: Path | None) -> Iterator[tuple[Iterator[str], Callable[[], bool]]]:
    """The lines of a file or of standard input, and whether the next one is there without waiting."""
    from jointbert.cli.arriving import ArrivingLines
    from jointbert.errors import DataError

    if file is None:
        arriving = ArrivingLines(sys.stdin.buffer, "stdin")
        yield _decoded(arriving, "stdin"), lambda: arriving.ready
        return
    try:
        handle = file.open("rb")
    except OSError as error:
        raise DataError(str(file), f"cannot be read ({error.strerror})", "a text file", "Check the path.") from error
    with handle:
        arriving = ArrivingLines(handle, str(file))
        yield _decoded(arriving, str(file)), lambda: arriving.ready


def _decoded(lines: Iterable[bytes], where: str) -> Iterator[str]:
    from jointbert.data.formats.lines import not_utf8

    for number, line in enumerate(lines, start=1):
        bare = line.removesuffix(b"\r")
        try:
            yield (bare.removeprefix(BOM_UTF8) if number == 1 else bare).decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(f"{where}:{number}", error).to_error() from error
