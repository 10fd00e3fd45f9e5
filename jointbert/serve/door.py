"""The door that every request passes: it notes how long the answer took, counts it, logs it, and lets no crash out."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jointbert.serve.metrics import Metrics
from jointbert.serve.refusal import Refusal
from jointbert.serve.settings import Settings

_logger = logging.getLogger(__name__)
_access = logging.getLogger("jointbert.serve.access")

HUNG_UP = 499
"""The status that the log and the metrics give to a request whose sender did not wait for the answer."""

CLOSE = (b"connection", b"close")
UNKNOWN = "(unknown)"
"""What stands for a path that is no route: it may hold anything."""


@dataclass(slots=True)
class Note:
    """What is noted about one request while it is answered.

    Args:
        began: When it came, by :func:`time.monotonic`.
        status: The status of its answer; 0 until there is one.
        batch: How many texts were computed together with it.
        texts: What was asked, where the log may show it.
    """

    began: float = field(default_factory=time.monotonic)
    status: int = 0
    batch: int = 0
    texts: Sequence[str] = ()


@dataclass(slots=True)
class Condition:
    """Whether a server is on its way out: then each answer closes its connection."""

    is_draining: bool = False


class Door:
    """Notes, counts and logs each request, and answers where nothing inside did.

    Args:
        app: What answers.
        paths: The routes; any other path is not shown in logs and metrics.
        settings: Whether there is a line for each request, and whether it shows texts.
        metrics: Where requests are counted.
        condition: Whether the server is on its way out.
    """

    def __init__(
        self, app: ASGIApp, paths: Collection[str], settings: Settings, metrics: Metrics, condition: Condition
    ) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._settings = settings
        self._metrics = metrics
        self._condition = condition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        note = scope["jointbert.note"] = Note()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                note.status = message["status"]
                if self._condition.is_draining and CLOSE not in message["headers"]:
                    message["headers"] = [*message["headers"], CLOSE]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Refusal as refusal:
            await self._refuse(refusal, note, scope, receive, answer)
        except Exception as error:
            _logger.error("%s", _without_words(error))
            if note.status:
                raise ConnectionAbortedError("the answer broke off") from None
            defect = Refusal(500, "defect", "The server failed on this request; its log says where.")
            await self._refuse(defect, note, scope, receive, answer)
        finally:
            self._end(scope, note)

    async def _refuse(self, refusal: Refusal, note: Note, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal.status == HUNG_UP:
            note.status = HUNG_UP  # nobody is there to be told
            return
        await refusal.response()(scope, receive, send)

    def _end(self, scope: Scope, note: Note) -> None:
        seconds = time.monotonic() - note.began
        path = scope["path"] if scope["path"] in self._paths else UNKNOWN
        status = note.status or HUNG_UP
        self._metrics.count_request(path, status, seconds)
        if self._settings.access_log:
            line: list[Any] = [scope["method"], path, status, f"{seconds * 1000:.1f} ms"]
            if note.batch:
                line.append(f"batch {note.batch}")
            if self._settings.log_texts and note.texts:
                line.append(json.dumps(list(note.texts)))
            _access.info(" ".join(map(str, line)))


def _without_words(error: Exception) -> str:
    """Where an error was raised and of which type; what it says may quote what a user said."""
    places = traceback.format_list(traceback.extract_tb(error.__traceback__))
    return f"a request failed with {type(error).__name__}\n{''.join(places)}".rstrip()
