"""``jointbert tokenizer``: tokenizers learned from text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jointbert.visible import visible

if TYPE_CHECKING:
    from jointbert.pretraining.tokenizer import Progress, TokenizerReport

app = typer.Typer(
    help="Learn a tokenizer from text.",
    epilog="Example: jointbert tokenizer train corpus.txt --output tokenizers/mine",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def tokenizer() -> None:
    """Learn a tokenizer from text."""


@app.command(
    epilog="Example: jointbert tokenizer train wiki.txt.xz chat.txt --output tokenizers/zh --language zh --json"
)
def train(
    texts: Annotated[
        list[Path], typer.Argument(metavar="TEXT", help="UTF-8 text files; .xz, .gz and .zst are unpacked.")
    ],
    output: Annotated[Path, typer.Option(help="The folder to write; an older tokenizer in it is replaced.")],
    language: Annotated[
        Literal["en", "zh"], typer.Option(help="en: uncased WordPiece. zh: each common CJK character is a piece.")
    ] = "en",
    vocabulary: Annotated[int, typer.Option(help="The most pieces, 300 to 100,000.")] = 8000,
    held_out: Annotated[
        int, typer.Option(metavar="N", help="Keep every N-th line out of training, and measure on those lines.")
    ] = 100,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Learn a BERT tokenizer from text files, save it as a folder that AutoTokenizer opens, and say what it is worth.

    The same files give the same bytes. Memory holds the counts of words, not the text. A file that is not there is
    looked up in the folder that JOINTBERT_CORPORA names.
    """
    from jointbert.cli.data_show import as_json
    from jointbert.pretraining.tokenizer import train_tokenizer

    with _progress() as progress:
        report = train_tokenizer(texts, output, language, vocabulary, held_out=held_out, progress=progress)
    if json:
        typer.echo(as_json(report.to_dict()))
    else:
        _show(report)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error with the lines and megabytes read; nothing where that is no terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from jointbert.cli.data_show import console

    error = console(stderr=True)
    if not error.is_interactive:
        yield None
        return
    read = TextColumn("{task.fields[lines]:,} lines, {task.fields[megabytes]:,.1f} MB")
    columns = (TextColumn("{task.description}"), BarColumn(), read, TimeElapsedColumn())
    with Progress(*columns, console=error, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None, lines=0, megabytes=0.0)

        def advance(step: str, lines: int, size: int) -> None:
            bar.update(task, description=visible(step), lines=lines, megabytes=size / 1e6)

        yield advance


def _show(report: TokenizerReport) -> None:
    """Print the report as a table."""
    from jointbert.cli.data_show import console, table

    held_out = report.held_out
    unknown = ", ".join(
        f"{character} U+{ord(character):04X} ({count})" for character, count in held_out.unknown_characters
    )
    rows = [
        ["pieces", f"{report.vocabulary:,}"],
        ["learned from", f"{report.learned:,} lines; {report.bytes / 1e6:,.1f} MB read in all"],
        ["measured on", f"{held_out.texts:,} lines held out: {held_out.words:,} words, {held_out.pieces:,} pieces"],
        ["pieces per word (fertility)", _number(held_out.per_word, "{:.3f}")],
        ["pieces per character", _number(held_out.per_character, "{:.3f}")],
        ["[UNK] among the pieces", _number(held_out.unknown_share, "{:.3%}")],
        ["unknown characters", unknown or "none"],
        ["seconds", f"{report.seconds:.1f}"],
    ]
    console().print(table(str(report.folder), ["", ""], rows))
    if not held_out.pieces:
        typer.echo("warning: nothing was held out: there are too few lines. Lower --held-out.", err=True)


def _number(value: float | None, form: str) -> str:
    return "not measured" if value is None else form.format(value)
