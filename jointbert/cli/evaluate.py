"""``jointbert evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from jointbert.cli.engine import EngineOption
from jointbert.cli.writing import write_json, writing

if TYPE_CHECKING:
    from jointbert.evaluation.intervals import Score
    from jointbert.evaluation.reliability import Held
    from jointbert.evaluation.scope import ScopeScores
    from jointbert.evaluation.score import Scores
    from jointbert.evaluation.significance import Interval
    from jointbert.inference.nlu import NLU
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
    intent: Annotated[
        str | None,
        typer.Option("--out-of-scope", help="The intent that marks utterances out of scope, if not the model's own."),
    ] = None,
    more: Annotated[Path | None, typer.Option("--out-of-scope-data", help="More utterances, all out of scope.")] = None,
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
    from jointbert.evaluation.score import evaluate as score
    from jointbert.inference.nlu import NLU

    with plain_logs():
        nlu = NLU.load(model, engine)
        gold, beside = read(data, source_format), [] if more is None else read(more)
        _check_marker(intent, [*gold, *beside], nlu, data)
        parted = _part(gold, beside, nlu, intent, data)
        parses, held = _parse(nlu, parted.judged, with_confidences=not brief or bool(json_path or reliability))
        told = _tell(nlu, parted)
    scores = score(parted.judged, parses)
    scores = replace(scores, notes=(*scores.notes, *_notes(parted, told)))
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


class Parted(NamedTuple):
    """Gold utterances by what they are good for.

    Args:
        judged: Those that intents, slots and whole utterances are scored on.
        inside: Those in scope.
        outside: Those out of it; among the judged ones too, where the model gives their intent as one of its own.
    """

    judged: list[Utterance]
    inside: list[Utterance]
    outside: list[Utterance]


def _check_marker(intent: str | None, utterances: Sequence[Utterance], nlu: NLU, data: Path) -> None:
    """Warn of an intent on the command line that neither the data nor the model knows."""
    import logging

    from jointbert.evaluation.scope import unmarked

    own = nlu.scope.intent if nlu.scope is not None else None
    warning = unmarked(utterances, intent, [*(nlu.labels.intents or ()), *filter(None, [own])])
    if warning is not None:
        logging.getLogger("jointbert.evaluation").warning("%s: %s", data, warning)


def _part(gold: list[Utterance], more: list[Utterance], nlu: NLU, intent: str | None, data: Path) -> Parted:
    from jointbert.errors import DataError
    from jointbert.evaluation.scope import part

    marker = intent or (None if nlu.scope is None else nlu.scope.intent)
    inside, outside = part(gold, marker)
    if outside and not inside:
        hint = "Give it beside what is in scope: --out-of-scope-data PATH."
        raise DataError(str(data), "holds only utterances out of scope", "some in scope", hint)
    known = nlu.labels.intents is not None and marker in nlu.labels.intents
    return Parted(gold if known else inside, inside, outside + more)


def _tell(nlu: NLU, parted: Parted) -> ScopeScores | None:
    """How well the model tells what is out of scope; None where it does not, or where nothing is."""
    from jointbert.evaluation.scope import scope_of_parses

    if nlu.scope is None or not parted.outside:
        return None
    inside, outside = (nlu.parse_many([item.text for item in some]) for some in (parted.inside, parted.outside))
    pairs = list(zip(parted.inside, inside, strict=True))
    return scope_of_parses(nlu.scope.scorer.name, nlu.scope.threshold, pairs, outside)


def _notes(parted: Parted, told: ScopeScores | None) -> list[str]:
    notes = []
    if parted.outside and len(parted.judged) == len(parted.inside):
        notes.append(f"Utterances out of scope, left out of intent, slot and sentence scores: {len(parted.outside)}.")
    if parted.outside and told is None:
        notes.append("The model does not tell what is out of scope; teach it with: jointbert scope")
    return notes


def _write(found: Found, json_path: Path | None, reliability: Path | None) -> None:
    """The scores as JSON and the reliability diagrams, as far as they are asked for."""
    held, told = found.held, found.told
    if json_path is not None:
        kinds = {name: {kind: each.to_dict() for kind, each in row.items()} for name, row in held.items()}
        intervals = {score: asdict(each) for score, each in found.intervals.items()}
        scope = None if told is None else told.to_dict()
        values = {"intervals": intervals, "confidence": kinds, "scope": scope}
        write_json(json_path, found.scores.to_dict() | values)
    if reliability is not None and any(held.values()):
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
