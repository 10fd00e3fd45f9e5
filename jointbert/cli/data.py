"""``jointbert data``: known datasets, conversions, splits, statistics and the linter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointbert.cli.data_similar import similar

if TYPE_CHECKING:
    from jointbert.data.download import Progress
    from jointbert.utterance import Utterance

app = typer.Typer(
    help="Get, convert, split, count and check data.",
    epilog="Example: jointbert data get atis",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[Path], typer.Argument(help="Files, folders, or a folder that holds train, dev and test.")]
From = Annotated[str | None, typer.Option("--from", help="Its format; recognised when not given.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.command("list", epilog="Example: jointbert data list")
def list_known() -> None:
    """List the known datasets: what they are, how large, under which licence, and whether they are here."""
    from jointbert.cli.data_show import console, table
    from jointbert.data.catalog import CATALOG

    out = console()
    for dataset in CATALOG.values():
        rows = [
            ["about", dataset.about],
            ["language", dataset.language],
            ["utterances", ", ".join(f"{split} {size}" for split, size in dataset.sizes.items())],
            ["licence", dataset.licence],
            ["from", dataset.home],
            ["here", _presence(dataset)],
        ]
        out.print(table(dataset.name, ["", ""], rows))


def _presence(dataset: Any) -> str:
    """Whether a dataset lies in its usual folder, unchanged."""
    from jointbert.data.fetch import find_flaw

    folder = Path("datasets") / dataset.name
    if not folder.exists():
        return f"no; jointbert data get {dataset.name}"
    flaw = find_flaw(dataset, folder)
    return f"{folder}, verified" if flaw is None else f"{folder}, but {flaw}"


@app.command(epilog="Example: jointbert data get atis --mirror /mnt/data")
def get(
    name: Annotated[str, typer.Argument(help="atis, snips, snips-original, cais or clinc150.")],
    mirror: Annotated[
        str | None,
        typer.Option(envvar="JOINTBERT_MIRROR", help="A folder or an address that is tried before upstream."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where to put it; datasets/NAME when not given.")] = None,
) -> None:
    """Fetch a known dataset and verify it; say under which licence it comes and what to cite."""
    from jointbert.data.catalog import known
    from jointbert.data.fetch import get as fetch

    with _progress(name, len(known(name).sha256)) as progress:
        fetched = fetch(name, output, mirror, progress)
    dataset = fetched.dataset
    if fetched.origin is None:
        typer.echo(f"{fetched.folder}: already complete and verified; nothing to do")
    else:
        typer.echo(f"{fetched.folder}: {sum(dataset.sizes.values())} utterances, verified, from {fetched.origin}")
    typer.echo(f"licence: {dataset.licence}\nupstream: {dataset.home}\nplease cite:\n{dataset.citation}")


@contextmanager
def _progress(name: str, files: int) -> Iterator[Progress]:
    """A bar on standard error that counts files and bytes while the block runs."""
    from rich.progress import BarColumn, Progress, TextColumn

    from jointbert.cli.data_show import console

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[size]:.1f} MB"))
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=files, size=0.0)
        received: dict[str, int] = {}

        def advance(path: str, size: int) -> None:
            received[path] = received.get(path, 0) + size
            megabytes = sum(received.values()) / 1e6
            bar.update(task, description=f"{name} {path}", completed=len(received) - 1, size=megabytes)

        yield advance


@app.command(epilog="Example: jointbert data convert nlu.yml train.jsonl")
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file or folder to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file or folder to write.")],
    from_: From = None,
    to: Annotated[str | None, typer.Option("--to", help="Its format; taken from the suffix when not given.")] = None,
    force: Force = False,
) -> None:
    """Read data in one format and write it in another.

    A text, an intent or a slot that the other cannot carry is an error, and nothing is written. What else it has no
    place for (ids, canonical values, confidences, token offsets; in rasa, blanks around a text) is left out, and so is
    what Rasa has beside utterances (regexes, lookups, synonyms that no slot needs): warnings tell what and how much.
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data.registry import write

    with plain_logs():
        utterances = _read_to_write(source, from_)
        _check_free(target, force)
        write(target, utterances, to)
    typer.echo(f"{target}: {len(utterances)} utterances")


def _read_to_write(source: Path, format: str | None) -> list[Utterance]:
    """The utterances of data that is written elsewhere; a warning tells what its reader leaves out."""
    from jointbert.data.registry import read
    from jointbert.data.tally import Tally

    tally = Tally(source, rewritten=True)
    utterances = read(source, format, tally)
    tally.log()
    return utterances


def _check_free(target: Path, force: bool) -> None:
    """Raise DataError when something would be overwritten that the user did not offer."""
    from jointbert.errors import DataError

    if not force and target.exists():
        raise DataError(str(target), "exists already", "a new path", "Add --force to replace it.")


@app.command(epilog="Example: jointbert data split all.jsonl data/ --ratios 0.8,0.1,0.1")
def split(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file or folder to split.")],
    folder: Annotated[Path, typer.Argument(metavar="OUTDIR", help="Where train, dev and test go.")],
    ratios: Annotated[str, typer.Option(help="Shares of train, dev and test, or of train and test.")] = "0.8,0.1,0.1",
    seed: Annotated[int, typer.Option(help="The same seed gives the same split everywhere.")] = 13,
    from_: From = None,
    to: Annotated[str | None, typer.Option("--to", help="The format to write; that of IN when not given.")] = None,
    force: Force = False,
) -> None:
    """Split data by intent into train, dev and test; the same text is never in two of them.

    With --force the train, dev and test of a former split are removed, also those in another format.
    """
    from jointbert.cli.logs import plain_logs
    from jointbert.data.registry import by_name, detect, write_all
    from jointbert.data.split import split as share_out

    with plain_logs():
        utterances = _read_to_write(source, from_)
    shares = _shares(ratios)
    parts = share_out(utterances, shares, seed)
    named = to or from_
    chosen = by_name(named) if named else detect(source)
    targets = {name: folder / f"{name}{'' if chosen.is_folder else chosen.suffix}" for name in parts}
    leftovers = _leftovers(source, folder, list(targets.values()), force)
    with plain_logs():
        write_all({targets[name]: part for name, part in parts.items()}, chosen.name)
    for name, part in parts.items():
        typer.echo(f"{targets[name]}: {len(part)} utterances ({len(part) / max(len(utterances), 1):.1%})")
    _remove(leftovers)
    empty = [name for (name, part), share in zip(parts.items(), shares, strict=True) if share and not part]
    if empty:
        typer.echo(f"warning: {' and '.join(empty)} got no utterances: each intent has too few. Add some.", err=True)


def _leftovers(source: Path, folder: Path, targets: list[Path], force: bool) -> list[Path]:
    """What a former split has left in the folder that this one does not replace.

    Raises:
        DataError: A split is there that the user did not offer, or the data to split is itself left from one.
    """
    from jointbert.data.former import former_parts
    from jointbert.errors import DataError

    there = former_parts(folder)
    found = [*there, *(target for target in targets if target.exists() and target not in there)]
    if found and not force:
        names = ", ".join(part.name for part in found)
        raise DataError(str(folder), f"a split exists already: {names}", "a new folder", "Add --force to replace it.")
    left = [part for part in there if part not in targets]
    if any(part.resolve() in (source.resolve(), source.resolve().parent) for part in left):
        what = "is the data to split, and would be removed with the former split"
        raise DataError(str(source), what, "data that is kept elsewhere", "Move it, or choose another OUTDIR.")
    return left


def _remove(leftovers: list[Path]) -> None:
    """Remove what a former split has left, and say so."""
    from jointbert.data.former import remove_part
    from jointbert.errors import DataError

    for part in leftovers:
        try:
            remove_part(part)
        except OSError as error:
            hint = "Remove it: it is of a former split."
            raise DataError(str(part), f"cannot be removed ({error.strerror})", None, hint) from error
        typer.echo(f"{part}: removed, left from a former split")


def _shares(ratios: str) -> list[float]:
    from jointbert.errors import DataError

    try:
        return [float(share) for share in ratios.split(",")]
    except ValueError:
        raise DataError("--ratios", f"{ratios!r} is no list of numbers", "for example 0.8,0.1,0.1") from None


@app.command(epilog="Example: jointbert data stats datasets/demo-en --picture demo.png")
def stats(
    paths: Paths,
    picture: Annotated[Path | None, typer.Option(help="Draw the intents, slots and lengths into this PNG.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    from_: From = None,
) -> None:
    """Count utterances, intents, slots and their values, and say how long the texts are."""
    from jointbert.cli.data_show import as_json, console, show_statistics
    from jointbert.cli.logs import plain_logs
    from jointbert.data.check.places import find_splits
    from jointbert.data.registry import read
    from jointbert.data.stats import Statistics

    with plain_logs():
        utterances = {name: read(path, from_) for name, path in find_splits(paths).items()}
    found = {name: Statistics.of(split) for name, split in utterances.items()}
    if picture is not None:
        from jointbert.data.picture import draw

        draw(Statistics.of(utterance for split in utterances.values() for utterance in split), picture)
    if json:
        typer.echo(as_json({name: statistics.to_dict() for name, statistics in found.items()}))
        return
    show_statistics(console(), found)
    if picture is not None:
        typer.echo(f"{picture}: drawn")


@app.command(epilog="Example: jointbert data check datasets/demo-en --encoder models/demo-en")
def check(
    paths: Paths,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list of findings.")] = False,
    from_: From = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="A known name such as mini-en, an encoder's folder, a tokenizer.json, or a hub id: count what it does "
            "not know."
        ),
    ] = None,
    min_count: Annotated[int, typer.Option(help="Report intents with fewer training utterances.")] = 5,
    max_chars: Annotated[int, typer.Option(help="Report texts with more characters.")] = 500,
    show: Annotated[int, typer.Option(help="Findings shown of each rule; 0 shows all.")] = 10,
) -> None:
    """Look for mistakes in data, with their places and what to do; exit 2 when there are errors or warnings.

    Finds contradictions, leaks between splits, labels that training lacks, forgotten and ill-set spans, odd texts.
    """
    from dataclasses import asdict

    from jointbert.cli.data_show import as_json, console, show_problems
    from jointbert.cli.logs import plain_logs
    from jointbert.data.check import Options, find_splits
    from jointbert.data.check import check as find_problems
    from jointbert.model.names import locate

    options = Options(from_, None if encoder is None else locate(encoder), min_count, max_chars)
    with plain_logs():
        splits = find_splits(paths)
    problems = find_problems(splits, options)
    if json:
        typer.echo(as_json([asdict(problem) for problem in problems]))
    else:
        show_problems(console(), problems, max(show, 0))
    if any(problem.severity != "info" for problem in problems):
        raise typer.Exit(2)


app.command(epilog='Example: jointbert data similar datasets/demo-en --text "get me a table for two"')(similar)
