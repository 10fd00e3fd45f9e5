"""``jointbert evaluate``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.engine import EngineOption


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    data: Annotated[Path, typer.Argument(help="Labelled utterances: a file or a folder of any known format.")],
    source_format: Annotated[str | None, typer.Option("--from", help="The data's format, if not detected.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write all scores to this JSON file.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw confusions and slot bars (PNG).")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Print the headline only.")] = False,
    engine: EngineOption = "auto",
) -> None:
    """Score a model on labelled utterances: intents, slots, whole utterances, and the worst confusions.

    \b
    Example:
      jointbert evaluate models/atis datasets/atis/test --json scores.json
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data import read
    from jointbert.evaluation.confusion import intent_confusions, slot_confusions
    from jointbert.evaluation.render import headline, render
    from jointbert.evaluation.score import evaluate as score

    with plain_logs():
        gold = read(data, source_format)
        from jointbert.inference.nlu import NLU

        parses = NLU.load(model, engine).parse_many([utterance.text for utterance in gold])
    scores = score(gold, parses)
    if json_path is not None:
        content = json.dumps(scores.to_dict(), ensure_ascii=False, indent=1) + "\n"
        with _writing(json_path):
            json_path.write_bytes(content.encode("utf-8", "backslashreplace"))
    if picture is not None:
        from jointbert.evaluation.picture import confusion_picture

        with _writing(picture):
            confusion_picture(gold, parses, picture)
    if brief:
        typer.echo(headline(scores))
    else:
        render(scores, intent_confusions(gold, parses), slot_confusions(gold, parses))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write a file into the user's mistake."""
    from jointbert.errors import DataError

    try:
        yield
    except OSError as error:
        hint = "Make the folder first, or choose another path."
        raise DataError(str(path), f"cannot be written ({error.strerror})", "a path to write to", hint) from error
