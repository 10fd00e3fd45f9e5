"""The library's log lines as plain lines on stderr."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import typer

from jointbert.visible import visible_lines


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        typer.echo(f"{record.levelname.lower()}: {visible_lines(record.getMessage())}", err=True)


@contextlib.contextmanager
def plain_logs() -> Iterator[None]:
    """Show what ``jointbert`` logs (warnings about data, mostly), one line each, for as long as the block runs."""
    logger, handler = logging.getLogger("jointbert"), _Lines(logging.INFO)
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)
