"""What worker processes log, logged here: they start without this process's handlers."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from logging.handlers import QueueHandler, QueueListener
from multiprocessing.context import SpawnContext
from typing import Any

_LOGGER = "jointbert"


class _Here(logging.Handler):
    """Gives a record to the logger of its name."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger(record.name).handle(record)


@contextlib.contextmanager
def heard(context: SpawnContext) -> Iterator[Any]:
    """A queue for :func:`send_logs` in processes of a context; what comes through it is logged here meanwhile.

    The processes must have ended before the block does, so that nothing of theirs is lost.
    """
    queue = context.Queue()
    listener = QueueListener(queue, _Here())
    listener.start()
    try:
        yield queue
    finally:
        listener.stop()
        queue.close()


def send_logs(queue: Any) -> None:
    """Send what ``jointbert`` logs in this process through a queue."""
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(QueueHandler(queue))
    logger.propagate = False
