"""``jointbert evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jointbert.checkpoint.engine_names import EngineName
from jointbert.cli.engine import EngineOption
from jointbert.cli.writing import write_json, writing

if TYPE_CHECKING:
    from jointbert.evaluation.reliability import Held
    from jointbert.utterance import Parse, Utterance


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    data: Annotated[Path, typer.Argument(help="Labelled utterances: a file or a folder of any known format.")],
    source_format: Annotated[str | None, typer.Option("--from", help="The data's format, if not detected.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write all scores to this JSON file.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw confusions and slot bars (PNG).")] = None,
    reliability: Annotated[
        Path | None, typer.Option("--reliability", help="Draw confidence against accuracy (PNG).")
    ] = None,
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
        parses, held = _parse(model, engine, gold, with_confidences=not brief or bool(json_path or reliability))
    scores = score(gold, parses)
    if json_path is not None:
        kinds = {name: {kind: each.to_dict() for kind, each in found.items()} for name, found in held.items()}
        write_json(json_path, scores.to_dict() | {"confidence": kinds})
    if picture is not None:
        from jointbert.evaluation.picture import confusion_picture

        with writing(picture):
            confusion_picture(gold, parses, picture)
    if reliability is not None and any(held.values()):
        from jointbert.evaluation.reliability_view import reliability_picture

        with writing(reliability):
            reliability_picture(held, reliability)
    if brief:
        typer.echo(headline(scores))
    else:
        from jointbert.evaluation.reliability_view import render_reliability

        render(scores, intent_confusions(gold, parses), slot_confusions(gold, parses))
        render_reliability(held)


def _parse(
    model: Path, engine: EngineName, gold: Sequence[Utterance], *, with_confidences: bool
) -> tuple[list[Parse], Held]:
    """The parses, and how their confidences hold: as the network gives them and, where it has one, calibrated."""
    from jointbert.evaluation.reliability import hold
    from jointbert.inference.nlu import NLU

    texts = [utterance.text for utterance in gold]
    nlu = NLU.load(model, engine)
    parses = nlu.parse_many(texts)
    if not with_confidences:
        return parses, {}
    return parses, hold(gold, parses, nlu.uncalibrated().parse_many(texts) if nlu.calibrated else None)
