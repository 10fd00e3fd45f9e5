"""A progress bar on stderr around an iterator, where stderr is a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def counting(lines: Iterator[str], file: Path | None) -> Iterator[str]:
    """The lines unchanged, counted on a progress bar.

    Args:
        lines: The source.
        file: The file they come from; its size gives the bar its end. None for a stream of unknown length.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    size = file.stat().st_size if file is not None and file.is_file() else None
    columns = (TextColumn("parsing"), BarColumn(), TextColumn("{task.fields[done]} utterances"), TimeElapsedColumn())
    console = Console(stderr=True)
    if not console.is_interactive:
        yield from lines
        return
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("parsing", total=size, done=0)
        for number, line in enumerate(lines, start=1):
            progress.update(task, advance=len(line.encode("utf-8", "replace")) + 1, done=number)
            yield line
