"""``jointbert data similar``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from jointbert.inference.similar import NearDuplicates, Neighbour, Progress
    from jointbert.utterance import Utterance


def similar(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, or a folder that holds train, dev and test.")],
    encoder: Annotated[
        str | None,
        typer.Option(
            help="A known name, a folder, a hub id, or a model folder; when not given, mini-zh where most texts have "
            "Chinese characters and mini-en elsewhere."
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="List the utterances nearest to this text instead.")] = None,
    threshold: Annotated[
        float, typer.Option(min=-1.0, max=1.0, help="The least cosine of a pair; not used with --text.")
    ] = 0.9,
    top: Annotated[int, typer.Option(min=1, help="How many to show.")] = 10,
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Show only pairs with different intents.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    from_: Annotated[str | None, typer.Option("--from", help="Its format; recognised when not given.")] = None,
) -> None:
    """List near-duplicates, the most alike first, or the labelled utterances nearest to a text.

    Alike is what has a large cosine between its sentence vectors, less what all texts have in common. Where two that
    are alike differ in intent, one of them may be labelled wrong.
    """
    from jointbert.cli.data_show import as_json, console
    from jointbert.cli.logs import plain_logs
    from jointbert.inference.encoder import Encoder
    from jointbert.inference.similar import near_duplicates, nearest_utterances

    with plain_logs():
        utterances = _read(paths, from_)
        encoder = _chosen(utterances) if encoder is None else encoder
        model = Encoder.load(encoder)
        about = {"encoder": encoder, "utterances": len(utterances)}
        with _progress() as progress:
            if text is not None:
                near = nearest_utterances(text, utterances, model, top, progress=progress)
            else:
                found = near_duplicates(utterances, model, threshold, top, conflicts_only=conflicts, progress=progress)
    if json:
        shape = _pairs_shape(found) if text is None else _neighbours_shape(text, near)
        typer.echo(as_json(about | shape))
    elif text is None:
        _show_pairs(console(), found, threshold, len(utterances))
    else:
        _show_neighbours(console(), text, near)


def _read(paths: Sequence[Path], format: str | None) -> list[Utterance]:
    """The utterances of all splits; those of a split that is a part of another are taken once."""
    from jointbert.data.check.duplicates import whole_of
    from jointbert.data.check.places import find_splits
    from jointbert.data.registry import read

    splits = {name: read(path, format) for name, path in find_splits(paths).items()}
    utterances: list[Utterance] = []
    for name, part in splits.items():
        if (whole := whole_of(name, splits)) != name:
            typer.echo(f"note: {name} is a part of {whole} and is left out", err=True)
        else:
            utterances += part
    return utterances


def _chosen(utterances: Sequence[Utterance]) -> str:
    """The encoder of this package that fits the texts, which is told."""
    from jointbert.inference.default_encoder import default_encoder

    name = default_encoder(utterance.text for utterance in utterances)
    typer.echo(f"note: the encoder is {name}, by the script of the texts; choose another with --encoder", err=True)
    return name


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on standard error, one for each thing that is going on, where it is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from jointbert.cli.data_show import console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_interactive) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield tell


def _utterance_shape(utterance: Utterance) -> dict[str, Any]:
    return {"text": utterance.text, "intent": utterance.intent, "where": utterance.where}


def _pairs_shape(found: NearDuplicates) -> dict[str, Any]:
    """The JSON of near-duplicates."""
    pairs = [
        {
            "cosine": round(pair.cosine, 6),
            "conflict": pair.conflict,
            "first": _utterance_shape(pair.first),
            "second": _utterance_shape(pair.second),
        }
        for pair in found.pairs
    ]
    return {"total": found.total, "conflicts": found.conflicts, "pairs": pairs}


def _neighbours_shape(text: str, near: Sequence[Neighbour]) -> dict[str, Any]:
    """The JSON of neighbours."""
    nearest = [
        {"cosine": round(item.cosine, 6), "count": item.count, **_utterance_shape(item.utterance)} for item in near
    ]
    return {"text": text, "nearest": nearest}


def _line(start: tuple[str, str], utterance: Utterance) -> Text:
    """Where an utterance stands, its intent and its text, on one line."""
    from rich.text import Text

    from jointbert.visible import visible

    where = visible(utterance.where or "no place")
    intent = "no intent" if utterance.intent is None else visible(utterance.intent)
    return Text.assemble(start, "  ", (where, "dim"), f" {intent}: ", visible(utterance.text))


def _show_pairs(out: Console, found: NearDuplicates, threshold: float, utterances: int) -> None:
    from rich.text import Text

    for pair in found.pairs:
        mark = ("  different intents", "bold yellow") if pair.conflict else ""
        out.print(Text.assemble((f"{pair.cosine:.3f}", "bold"), mark))
        out.print(_line(("", ""), pair.first))
        out.print(_line(("", ""), pair.second))
    out.print(
        f"{found.total} pairs at {threshold:g} or above among {utterances} utterances, {found.conflicts} of them with "
        f"different intents; {len(found.pairs)} shown"
    )


def _show_neighbours(out: Console, text: str, near: Sequence[Neighbour]) -> None:
    from jointbert.visible import visible

    out.print(f"nearest to {visible(text)}")
    for item in near:
        out.print(_line((f"{item.cosine:.3f}", "bold"), item.utterance))
