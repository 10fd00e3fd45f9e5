"""The command line's front door: mounts the commands and turns errors into lines and exit codes.

Exit codes: 0 all is well; 1 a defect of ours, with a traceback; 2 the user's mistake, in one message; 130 interrupted;
141 the reader of our output hung up. ``compare`` is a gate: it leaves with 1 and its reasons where the gate fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from jointbert import __version__
from jointbert.cli.app import start_app
from jointbert.cli.compare import compare
from jointbert.cli.curve import curve
from jointbert.cli.cv import cv
from jointbert.cli.data import app as data
from jointbert.cli.distill import distill
from jointbert.cli.encoder import app as encoder
from jointbert.cli.evaluate import evaluate
from jointbert.cli.export import export
from jointbert.cli.parse import parse
from jointbert.cli.pretrain import pretrain
from jointbert.cli.report import report
from jointbert.cli.scope import scope
from jointbert.cli.serve import serve
from jointbert.cli.tokenizer import app as tokenizer
from jointbert.cli.train import train
from jointbert.cli.tune import tune
from jointbert.cli.work import work
from jointbert.errors import JointBertError
from jointbert.visible import visible_lines

MISTAKE, INTERRUPTED, HUNG_UP = 2, 130, 141


def _mute_stdout() -> None:
    """Point standard output at nothing, so that Python's own flush at the end does not complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stand-in without a file descriptor has nothing to complain about
        return


class _Root(TyperGroup):
    """The command group that gives every command the same errors and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except JointBertError as error:
            typer.echo(f"error: {visible_lines(str(error))}", err=True)
            raise typer.Exit(MISTAKE) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _mute_stdout()
            raise typer.Exit(HUNG_UP) from None
        except SystemExit as leaving:  # rich turns a broken pipe into exit 1, which is kept for defects of ours
            if isinstance(leaving.__context__, BrokenPipeError):
                raise typer.Exit(HUNG_UP) from None
            raise


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jointbert {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="jointbert",
    cls=_Root,
    help="Train, score and ask a joint intent and slot model.",
    epilog="Example: jointbert train configs/demo-en.yaml --output models/demo-en",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Train, score and ask a joint intent and slot model."""


app.command()(train)
app.command()(pretrain)
app.command()(distill)
app.command()(cv)
app.command()(curve)
app.command()(tune)
app.command()(evaluate)
app.command()(compare)
app.command()(report)
app.command()(parse)
app.command()(scope)
app.command()(export)
app.command()(serve)
app.add_typer(data, name="data")
app.add_typer(encoder, name="encoder")
app.add_typer(tokenizer, name="tokenizer")
app.command("app")(start_app)
app.command(hidden=True)(work)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Args:
        arguments: What follows the program's name; None takes it from ``sys.argv``.

    Raises:
        SystemExit: Always, unless a defect of ours raises something else.
    """
    try:
        app(args=None if arguments is None else list(arguments), prog_name="jointbert")
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _mute_stdout()


if __name__ == "__main__":
    main()
