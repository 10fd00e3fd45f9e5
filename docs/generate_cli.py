"""Writes docs/cli.md from the commands' own help: ``python docs/generate_cli.py`` (``--check`` only compares)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from jointbert.cli.main import app

PAGE = Path(__file__).with_name("cli.md")
WIDTH = "100"
HEAD = """# The command line

Written by `python docs/generate_cli.py` from the commands' own help; change it there.

Exit codes: 0 all is well; 2 the user's mistake, in one message on standard error; 1 a defect of jointbert, with a
traceback; 130 interrupted; 141 the reader of the output hung up. `jointbert compare` is a gate: where it fails, it
leaves with 1 and its reasons in place of a traceback.
"""


def commands(command: Any, path: tuple[str, ...] = ("jointbert",)) -> Iterator[tuple[str, ...]]:
    """The path of a command and of every command below it that is not hidden, in the order the help lists them."""
    yield path
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from commands(child, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """What ``<path> --help`` prints, at a fixed width and without colours."""
    plain = {"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH, "TERM": "dumb", "NO_COLOR": "1", "JOINTBERT_MIRROR": ""}
    result = CliRunner().invoke(app, [*path[1:], "--help"], prog_name=path[0], env=plain)
    if result.exit_code != 0:
        raise RuntimeError(f"{' '.join(path)} --help exits {result.exit_code}: {result.output}")
    return "\n".join(line.rstrip() for line in result.stdout.strip().splitlines())


def page() -> str:
    """The whole document."""
    sections = [
        f"## {' '.join(path)}\n\n```text\n{help_of(path)}\n```\n" for path in commands(typer.main.get_command(app))
    ]
    return "\n".join([HEAD, *sections])


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is current; the exit code."""
    wanted = page()
    if arguments == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted
        if not current:
            print("docs/cli.md is not what the commands say; run: python docs/generate_cli.py", file=sys.stderr)
        return 0 if current else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
