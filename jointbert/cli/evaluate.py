"""``jointbert evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from jointbert.cli.engine import EngineOption
from jointbert.cli.judging import FormatOption, MarkerOption, OutsideOption
from jointbert.cli.writing import write_json, writing

if TYPE_CHECKING:
    from jointbert.evaluation.intervals import Score
    from jointbert.evaluation.reliability import Held
    from jointbert.evaluation.scope import ScopeScores
    from jointbert.evaluation.score import Scores
    from jointbert.evaluation.significance import Interval
    from jointbert.inference.nlu import NLU
    from jointbert.inference.parted import Parted
    from jointbert.utterance import Parse, Utterance


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    data: Annotated[Path, typer.Argument(help="Labelled utterances: a file or a folder of any known format.")],
    source_format: FormatOption = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write all scores to this JSON file.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw confusions and slot bars (PNG).")] = None,
    reliability: Annotated[
        Path | None, typer.Option("--reliability", help="Draw confidence against accuracy (PNG).")
    ] = None,
    intent: MarkerOption = None,
    more: OutsideOption = None,
    brief: Annotated[bool, typer.Option("--brief", help="Print the headline only.")] = False,
    engine: EngineOption = "auto",
) -> None:
    """Score a model on labelled utterances: intents, slots, whole utterances, and the worst confusions.

    Beside each headline score stands its bootstrap 95 % interval: what another sample of utterances could have given.
    Utterances out of scope are left out of these scores; how well the model tells them apart is a table of its own.

    \b
    Examples:
      jointbert evaluate models/atis datasets/atis/test --json scores.json
      jointbert evaluate models/clinc150 clinc150/test.jsonl --out-of-scope-data clinc150/oos_test.jsonl
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data import read
    from jointbert.evaluation.intervals import score_intervals
    from jointbert.evaluation.notes import notes_on_labels
    from jointbert.evaluation.score import evaluate as score
    from jointbert.inference.nlu import NLU
    from jointbert.inference.parted import part_gold, scope_notes, tell_scope

    with plain_logs():
        nlu = NLU.load(model, engine)
        gold, beside = read(data, source_format), [] if more is None else read(more)
        parted = part_gold(nlu, gold, beside, intent=intent, where=str(data))
        parses, held = _parse(nlu, parted.judged, with_confidences=not brief or bool(json_path or reliability))
        told = tell_scope(nlu, parted, parses)
    scores = score(parted.judged, parses)
    unknown = notes_on_labels(parted.judged, nlu.labels.intents, nlu.labels.slots)
    scores = replace(scores, notes=(*scores.notes, *unknown, *scope_notes(parted, told)))
    found = Found(scores, score_intervals(parted.judged, parses), held, told)
    _write(found, json_path, reliability)
    if picture is not None:
        from jointbert.evaluation.picture import confusion_picture

        with writing(picture):
            confusion_picture(parted.judged, parses, picture)
    _show(found, parted, parses, brief=brief)


class Found(NamedTuple):
    """What one evaluation gives.

    Args:
        scores: The scores.
        intervals: The 95 % intervals of the headline scores, as far as they exist.
        held: How confidences hold, by kind; empty where nobody asks.
        told: How well the model tells what is out of scope; None where it does not, or where nothing is.
    """

    scores: Scores
    intervals: dict[Score, Interval]
    held: Held
    told: ScopeScores | None


def _write(found: Found, json_path: Path | None, reliability: Path | None) -> None:
    """The scores as JSON and the reliability diagrams, as far as they are asked for."""
    held, told = found.held, found.told
    if json_path is not None:
        kinds = {name: {kind: each.to_dict() for kind, each in row.items()} for name, row in held.items()}
        intervals = {score: asdict(each) for score, each in found.intervals.items()}
        scope = None if told is None else told.to_dict()
        values = {"intervals": intervals, "confidence": kinds, "scope": scope}
        write_json(json_path, found.scores.to_dict() | values)
    if reliability is not None:
        from jointbert.evaluation.reliability_view import reliability_picture

        with writing(reliability):
            reliability_picture(held, reliability)


def _show(found: Found, parted: Parted, parses: Sequence[Parse], *, brief: bool) -> None:
    """The headline; in full, all the tables."""
    from jointbert.evaluation.render import headline, render

    if brief:
        typer.echo(headline(found.scores, found.intervals))
        return
    from rich.console import Console

    from jointbert.evaluation.confusion import intent_confusions, slot_confusions
    from jointbert.evaluation.reliability_view import render_reliability
    from jointbert.evaluation.scope_view import scope_table

    confusions = intent_confusions(parted.judged, parses), slot_confusions(parted.judged, parses)
    render(found.scores, *confusions, intervals=found.intervals)
    render_reliability(found.held)
    if found.told is not None:
        Console().print(scope_table("Scope", [found.told.to_dict()]))


def _parse(nlu: NLU, gold: Sequence[Utterance], *, with_confidences: bool) -> tuple[list[Parse], Held]:
    """The parses, and how their confidences hold: as the network gives them and, where it has one, calibrated."""
    from jointbert.evaluation.reliability import hold

    texts = [utterance.text for utterance in gold]
    parses = nlu.parse_many(texts)
    if not with_confidences:
        return parses, {}
    return parses, hold(gold, parses, nlu.uncalibrated().parse_many(texts) if nlu.calibrated else None)
