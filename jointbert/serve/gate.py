"""The gate before the routes: what no queue has room for is refused before anything is made of it.

Under a flood most requests end here, so that what a refusal costs decides how much time is left for those that are
served.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from jointbert.serve.reading import read_body
from jointbert.serve.refusal import Refusal
from jointbert.serve.settings import Settings
from jointbert.serve.ticket import QueueFullError


class Gate:
    """Answers 429 where even one text would not fit into any model's queue.

    Args:
        app: What answers otherwise.
        paths: The routes that parse.
        check_room: Raises QueueFullError if a text with so many seconds left fits nowhere.
        settings: The deadline, and how long a body may be: it is read, so that the connection can go on.
    """

    def __init__(
        self, app: ASGIApp, paths: Collection[str], check_room: Callable[[float], None], settings: Settings
    ) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._check_room = check_room
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in self._paths:
            deadline = self._settings.deadline
            try:
                self._check_room(deadline)
            except QueueFullError as error:
                await read_body(Headers(scope=scope), receive, self._settings.max_body_bytes, deadline)
                raise queue_full(error) from None
        await self._app(scope, receive, send)


def queue_full(error: QueueFullError) -> Refusal:
    """The answer 429, which says when to come back."""
    return Refusal(429, "queue_full", str(error), headers={"Retry-After": str(error.retry_after)})
