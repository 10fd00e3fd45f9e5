"""The server's log: one line each on standard error, in UTC, with nothing in it that a terminal would obey."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from jointbert.visible import visible_lines

LEVELS = {"jointbert": logging.INFO, "uvicorn.error": logging.WARNING}


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        line = f"{stamp}Z {record.levelname.lower()} {visible_lines(record.getMessage())}"
        if record.exc_info:
            line += "\n  " + visible_lines(self.formatException(record.exc_info))
        return line


@contextmanager
def log_to_stderr() -> Iterator[None]:
    """For as long as the block runs, show what this package and the web server below it have to say."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line())
    loggers = {logging.getLogger(name): level for name, level in LEVELS.items()}
    before = [(logger, logger.handlers, logger.level, logger.propagate) for logger in loggers]
    for logger, level in loggers.items():
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
