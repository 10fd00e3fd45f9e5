"""The server's log: one line each on standard error, in UTC, with nothing in it that a terminal would obey."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from jointbert.visible import visible_lines


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        line = f"{stamp}Z {record.levelname.lower()} {visible_lines(record.getMessage())}"
        if record.exc_info:
            line += "\n  " + visible_lines(self.formatException(record.exc_info))
        return line


def log_to_stderr() -> None:
    """From here on, show what this package and the web server below it have to say."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line())
    for name, level in (("jointbert", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
